import { Address, BigInt, Bytes } from '@graphprotocol/graph-ts'
import {
  Claimed,
  Funded,
  RecipientSet,
  Registered,
  RootFrozen,
  RootScheduled,
  SubtreeCredited,
} from '../generated/RewardDistributor/RewardDistributor'
import { Claim, Funding, PayoutPoint, RewardId, SubtreeCredit } from '../generated/schema'
import { createOrLoadAccount, touchAccount } from './account'
import { idOf } from './event-id'
import { createOrLoadProtocol } from './protocol'
import { createOrLoadSchedule, saveSchedule } from './root-schedule'
import { wordOf } from './word'

export function handleFunded(event: Funded): void {
  const funding = new Funding(idOf(event))
  funding.from = event.params.from
  funding.source = event.params.source
  funding.amountWei = event.params.amountWei
  funding.fundedWei = event.params.fundedWei
  funding.blockNumber = event.block.number
  funding.timestamp = event.block.timestamp
  funding.transactionHash = event.transaction.hash
  funding.save()

  const protocol = createOrLoadProtocol()
  protocol.fundedWei = event.params.fundedWei
  protocol.save()
}

export function handleClaimed(event: Claimed): void {
  const claim = new Claim(idOf(event))
  claim.account = event.params.account
  claim.to = event.params.to
  claim.amountWei = event.params.amountWei
  claim.cumulativeWei = event.params.cumulativeWei
  claim.blockNumber = event.block.number
  claim.timestamp = event.block.timestamp
  claim.transactionHash = event.transaction.hash
  claim.save()
  const point = new PayoutPoint(0) // graph-node gives points their numbers
  point.contract = event.address
  point.amountWei = event.params.amountWei
  point.save()

  const account = createOrLoadAccount(event.params.account)
  account.claimedWei = event.params.cumulativeWei
  account.save()

  const protocol = createOrLoadProtocol()
  protocol.claimedWei = protocol.claimedWei.plus(event.params.amountWei)
  protocol.save()
}

export function handleRootScheduled(event: RootScheduled): void {
  const schedule = createOrLoadSchedule(event.params.root)
  schedule.opensAt = event.params.opensAt
  schedule.isFrozen = false
  saveSchedule(schedule)
}

export function handleRootFrozen(event: RootFrozen): void {
  const schedule = createOrLoadSchedule(event.params.root)
  schedule.isFrozen = true
  saveSchedule(schedule)
}

export function handleRecipientSet(event: RecipientSet): void {
  const account = createOrLoadAccount(event.params.account)
  if (event.params.recipient == Address.zero()) account.recipient = null
  else account.recipient = event.params.recipient
  account.save()
}

export function handleRewardIdRegistered(event: Registered): void {
  touchAccount(event.params.account)
  const rewardId = createOrLoadRewardId(wordOf(event.params.id), event.params.id)
  rewardId.account = event.params.account
  rewardId.timestamp = event.block.timestamp
  rewardId.save()
}

/** Words are a key of 20 bytes and what it has earned so far in 12. The keys that are ids are credited. */
export function handleSubtreeCredited(event: SubtreeCredited): void {
  const words = event.params.words
  const bytes = new Bytes(32 * words.length)
  for (let i = 0; i < words.length; i++) {
    bytes.set(words[i], 32 * i)
    creditId(words[i])
  }
  const credit = new SubtreeCredit(idOf(event))
  credit.root = event.params.root
  credit.index = event.params.index
  credit.wordCount = words.length
  credit.words = bytes
  credit.blockNumber = event.block.number
  credit.timestamp = event.block.timestamp
  credit.transactionHash = event.transaction.hash
  credit.save()
}

/** A key that is no id, an address or a sentinel, is passed over; a sum below an earlier root's changes nothing. */
function creditId(word: Bytes): void {
  for (let i = 0; i < 16; i++) if (word[i] != 0) return
  const number = bigEndian(word, 16, 20)
  if (number.isZero()) return
  const creditedWei = bigEndian(word, 20, 32)
  const rewardId = createOrLoadRewardId(wordOf(number), number)
  if (creditedWei.le(rewardId.creditedWei)) return
  rewardId.creditedWei = creditedWei
  rewardId.save()
}

function bigEndian(word: Bytes, from: i32, to: i32): BigInt {
  const bytes = new Bytes(to - from)
  for (let i = from; i < to; i++) bytes[to - 1 - i] = word[i]
  return BigInt.fromUnsignedBytes(bytes)
}

function createOrLoadRewardId(id: Bytes, number: BigInt): RewardId {
  let rewardId = RewardId.load(id)
  if (rewardId === null) {
    rewardId = new RewardId(id)
    rewardId.number = number
    rewardId.creditedWei = BigInt.zero()
  }
  return rewardId
}
