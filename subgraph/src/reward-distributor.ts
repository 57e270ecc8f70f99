import { Address } from '@graphprotocol/graph-ts'
import {
  Claimed,
  Funded,
  RecipientSet,
  RootFrozen,
  RootScheduled,
} from '../generated/RewardDistributor/RewardDistributor'
import { Claim, Funding } from '../generated/schema'
import { createOrLoadAccount } from './account'
import { idOf } from './event-id'
import { createOrLoadProtocol } from './protocol'
import { createOrLoadSchedule, saveSchedule } from './root-schedule'

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
