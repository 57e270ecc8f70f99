import { BigInt, Bytes, ethereum, Value } from '@graphprotocol/graph-ts'
import {
  BondReleased,
  BondSet,
  CouncilSet,
  FaultProven,
  ProposerSet,
  RootCancelled,
  RootChallenged,
  RootExpired,
  RootProposed,
  RootResolved,
  Tallied,
} from '../generated/RootCourt/RootCourt'
import { RewardRoot, RootEvent, RootTally } from '../generated/schema'
import { createOrLoadAccount, touchAccount } from './account'
import { cidOfDigest } from './content'
import { idOf } from './event-id'
import { savePermission } from './permission'
import { createOrLoadSchedule } from './root-schedule'
import { saveOffice, saveSetting } from './setting'

export function handleRootProposed(event: RootProposed): void {
  touchAccount(event.params.proposer)
  const root = new RewardRoot(epochId(event.params.epoch))
  root.epoch = event.params.epoch.toI32()
  root.root = event.params.root
  root.proposer = event.params.proposer
  root.dataDigest = event.params.dataDigest
  root.dataCid = cidOfDigest(event.params.dataDigest)
  root.engineHash = event.params.engineHash
  root.totalWei = event.params.totalWei
  root.toBlock = event.params.toBlock
  root.blockHash = event.params.blockHash
  root.parent = event.params.parent.toI32()
  root.status = 'Proposed'
  root.opensAt = event.params.opensAt
  root.isFrozen = false
  root.isBondReleased = false
  root.blockNumber = event.block.number
  root.timestamp = event.block.timestamp
  root.transactionHash = event.transaction.hash
  root.save()

  // The vault scheduled the root just before, in this transaction, without knowing the epoch.
  const schedule = createOrLoadSchedule(event.params.root)
  schedule.rewardRoot = root.id
  schedule.save()

  const fact = startFact(event, event.params.epoch, 'Proposed')
  fact.actor = event.params.proposer
  fact.save()
}

export function handleRootChallenged(event: RootChallenged): void {
  setStatus(event.params.epoch, 'Challenged')
  const fact = startFact(event, event.params.epoch, 'Challenged')
  fact.actor = event.params.challenger
  fact.reasonHash = event.params.reasonHash
  fact.save()
}

export function handleFaultProven(event: FaultProven): void {
  const fact = startFact(event, event.params.epoch, 'FaultProven')
  fact.actor = event.params.prover
  fact.faultAccount = event.params.account
  fact.faultKind = event.params.kind
  fact.save()
}

export function handleRootResolved(event: RootResolved): void {
  setStatus(event.params.epoch, event.params.upheld ? 'Rejected' : 'Proposed')
  const fact = startFact(event, event.params.epoch, 'Resolved')
  fact.actor = event.params.winner
  // The setter of a field that may be null would take false for null.
  fact.set('isUpheld', Value.fromBoolean(event.params.upheld))
  fact.paidWei = event.params.paidWei
  fact.save()
}

export function handleRootExpired(event: RootExpired): void {
  setStatus(event.params.epoch, 'Rejected')
  startFact(event, event.params.epoch, 'Expired').save()
}

export function handleRootCancelled(event: RootCancelled): void {
  const root = RewardRoot.load(epochId(event.params.epoch))
  if (root !== null) {
    root.status = 'Rejected'
    root.isBondReleased = true
    root.save()
  }
  const fact = startFact(event, event.params.epoch, 'Cancelled')
  fact.actor = event.params.by
  fact.save()
}

export function handleTallied(event: Tallied): void {
  const tally = new RootTally(idOf(event))
  tally.rewardRoot = epochId(event.params.epoch)
  tally.teller = event.params.teller
  tally.nextPosition = event.params.nextPosition
  tally.sumWei = event.params.sumWei
  tally.blockNumber = event.block.number
  tally.timestamp = event.block.timestamp
  tally.transactionHash = event.transaction.hash
  tally.save()
}

export function handleRootBondSet(event: BondSet): void {
  saveSetting(event, 'bondWei', event.params.bondWei)
}

export function handleRootCouncilSet(event: CouncilSet): void {
  saveOffice(event, 'council', event.params.council)
}

export function handleBondReleased(event: BondReleased): void {
  const root = RewardRoot.load(epochId(event.params.epoch))
  if (root !== null) {
    root.isBondReleased = true
    root.save()
  }
  const fact = startFact(event, event.params.epoch, 'BondReleased')
  fact.actor = event.params.proposer
  fact.paidWei = event.params.amountWei
  fact.save()
}

export function handleProposerSet(event: ProposerSet): void {
  const account = createOrLoadAccount(event.params.proposer)
  account.isProposer = event.params.allowed
  account.save()
  savePermission(event, 'proposer', event.params.proposer, event.params.allowed)
}

function setStatus(epoch: BigInt, status: string): void {
  const root = RewardRoot.load(epochId(epoch))
  if (root === null) return // the court acts on no epoch that it did not announce
  root.status = status
  root.save()
}

function startFact(event: ethereum.Event, epoch: BigInt, kind: string): RootEvent {
  const fact = new RootEvent(idOf(event))
  fact.rewardRoot = epochId(epoch)
  fact.kind = kind
  fact.blockNumber = event.block.number
  fact.timestamp = event.block.timestamp
  fact.transactionHash = event.transaction.hash
  return fact
}

function epochId(epoch: BigInt): Bytes {
  return Bytes.fromI32(epoch.toI32())
}
