import { BigInt, ethereum } from '@graphprotocol/graph-ts'
import {
  AnswerTimeSet,
  ArbiterSet,
  BondSet,
  DisputeAnswered,
  DisputeDismissed,
  DisputeDrawn,
  DisputeOpened,
  DisputeUpheld,
} from '../generated/Disputes/Disputes'
import { Dispute, DisputeEvent } from '../generated/schema'
import { touchAccount } from './account'
import { idOf } from './event-id'
import { saveOffice, saveSetting } from './setting'
import { createOrLoadPool } from './stake-pool'
import { wordOf } from './word'

export function handleDisputeOpened(event: DisputeOpened): void {
  touchAccount(event.params.challenger)
  createOrLoadPool(event.params.poolId).save()
  const dispute = new Dispute(wordOf(event.params.disputeId))
  dispute.number = event.params.disputeId
  dispute.pool = event.params.poolId
  dispute.challenger = event.params.challenger
  dispute.claimDigest = event.params.claimDigest
  dispute.atStakeWei = event.params.atStakeWei
  dispute.bondWei = event.params.bondWei
  dispute.answerUntil = event.params.answerUntil
  dispute.rulingUntil = event.params.rulingUntil
  dispute.slashedWei = BigInt.zero()
  dispute.accusedWei = BigInt.zero()
  dispute.rewardsWei = BigInt.zero()
  dispute.blockNumber = event.block.number
  dispute.timestamp = event.block.timestamp
  saveStep(event, dispute, 'Open')
}

export function handleDisputeAnswered(event: DisputeAnswered): void {
  const dispute = Dispute.load(wordOf(event.params.disputeId))
  if (dispute === null) return // nothing happens to a dispute that was not opened
  touchAccount(event.params.accused)
  dispute.accused = event.params.accused
  dispute.answerDigest = event.params.answerDigest
  saveStep(event, dispute, 'Answered')
}

export function handleDisputeUpheld(event: DisputeUpheld): void {
  const dispute = Dispute.load(wordOf(event.params.disputeId))
  if (dispute === null) return
  dispute.slashedWei = event.params.slashedWei
  dispute.reasonDigest = event.params.reasonDigest
  saveStep(event, dispute, 'Upheld')
}

export function handleDisputeDismissed(event: DisputeDismissed): void {
  const dispute = Dispute.load(wordOf(event.params.disputeId))
  if (dispute === null) return
  touchAccount(event.params.accused)
  dispute.accused = event.params.accused
  dispute.accusedWei = event.params.accusedWei
  dispute.rewardsWei = event.params.rewardsWei
  dispute.reasonDigest = event.params.reasonDigest
  saveStep(event, dispute, 'Dismissed')
}

export function handleDisputeDrawn(event: DisputeDrawn): void {
  const dispute = Dispute.load(wordOf(event.params.disputeId))
  if (dispute === null) return
  saveStep(event, dispute, 'Drawn')
}

export function handleDisputeBondWeiSet(event: BondSet): void {
  saveSetting(event, 'bondWei', event.params.bondWei)
}

export function handleAnswerTimeSet(event: AnswerTimeSet): void {
  saveSetting(event, 'answerTime', event.params.answerTime)
}

export function handleDisputeArbiterSet(event: ArbiterSet): void {
  saveOffice(event, 'arbiter', event.params.arbiter)
}

/** Saves the dispute in its new status, and the fact that it came to it. */
function saveStep(event: ethereum.Event, dispute: Dispute, status: string): void {
  dispute.status = status
  dispute.save()
  const fact = new DisputeEvent(idOf(event))
  fact.dispute = dispute.id
  fact.status = status
  fact.blockNumber = event.block.number
  fact.timestamp = event.block.timestamp
  fact.transactionHash = event.transaction.hash
  fact.save()
}
