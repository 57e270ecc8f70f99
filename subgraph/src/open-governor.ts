import { Address, BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts'
import {
  LateQuorumVoteExtensionSet,
  ProposalCanceled,
  ProposalCreated,
  ProposalExecuted,
  ProposalExtended,
  ProposalGuardianSet,
  ProposalQueued,
  ProposalThresholdSet,
  QuorumNumeratorUpdated,
  TimelockChange,
  VoteCast,
  VoteCastWithParams,
  VotingDelaySet,
  VotingPeriodSet,
} from '../generated/OpenGovernor/OpenGovernor'
import { Proposal, ProposalCall, ProposalEvent, Vote } from '../generated/schema'
import { touchAccount } from './account'
import { idOf } from './event-id'
import { saveOffice, saveSetting } from './setting'
import { createOrLoadVoter } from './voter'
import { wordOf } from './word'

const SUPPORT = ['Against', 'For', 'Abstain']

export function handleProposalCreated(event: ProposalCreated): void {
  touchAccount(event.params.proposer)
  const id = wordOf(event.params.proposalId)
  const proposal = new Proposal(id)
  proposal.number = event.params.proposalId
  proposal.proposer = event.params.proposer
  proposal.description = event.params.description
  proposal.voteStart = event.params.voteStart
  proposal.voteEnd = event.params.voteEnd
  proposal.status = 'Created'
  proposal.forWei = BigInt.zero()
  proposal.againstWei = BigInt.zero()
  proposal.abstainWei = BigInt.zero()
  proposal.voteCount = 0
  proposal.blockNumber = event.block.number
  proposal.timestamp = event.block.timestamp
  proposal.transactionHash = event.transaction.hash
  proposal.save()

  const targets = event.params.targets
  const values = event.params.values
  const signatures = event.params.signatures
  const calldatas = event.params.calldatas
  for (let i = 0; i < targets.length; i++) {
    const call = new ProposalCall(id.concatI32(i))
    call.proposal = id
    call.index = i
    call.target = targets[i]
    call.valueWei = values[i]
    call.signature = signatures[i]
    call.data = calldatas[i]
    call.save()
  }
  saveStep(event, event.params.proposalId, 'Created', null)
}

export function handleVoteCast(event: VoteCast): void {
  saveVote(
    event,
    event.params.proposalId,
    event.params.voter,
    event.params.support,
    event.params.weight,
    event.params.reason,
    null,
  )
}

export function handleVoteCastWithParams(event: VoteCastWithParams): void {
  saveVote(
    event,
    event.params.proposalId,
    event.params.voter,
    event.params.support,
    event.params.weight,
    event.params.reason,
    event.params.params,
  )
}

export function handleProposalQueued(event: ProposalQueued): void {
  const proposal = Proposal.load(wordOf(event.params.proposalId))
  if (proposal !== null) {
    proposal.status = 'Queued'
    proposal.etaAt = event.params.etaSeconds
    proposal.save()
  }
  saveStep(event, event.params.proposalId, 'Queued', event.params.etaSeconds)
}

export function handleProposalExecuted(event: ProposalExecuted): void {
  close(event, event.params.proposalId, 'Executed')
}

export function handleProposalCanceled(event: ProposalCanceled): void {
  close(event, event.params.proposalId, 'Canceled')
}

export function handleProposalExtended(event: ProposalExtended): void {
  const proposal = Proposal.load(wordOf(event.params.proposalId))
  if (proposal !== null) {
    proposal.voteEnd = event.params.extendedDeadline
    proposal.save()
  }
  saveStep(event, event.params.proposalId, 'Extended', event.params.extendedDeadline)
}

export function handleVotingDelaySet(event: VotingDelaySet): void {
  saveSetting(event, 'votingDelay', event.params.newVotingDelay)
}

export function handleVotingPeriodSet(event: VotingPeriodSet): void {
  saveSetting(event, 'votingPeriod', event.params.newVotingPeriod)
}

export function handleProposalThresholdSet(event: ProposalThresholdSet): void {
  saveSetting(event, 'proposalThresholdWei', event.params.newProposalThreshold)
}

export function handleQuorumNumeratorUpdated(event: QuorumNumeratorUpdated): void {
  saveSetting(event, 'quorumPpm', event.params.newQuorumNumerator)
}

export function handleLateQuorumVoteExtensionSet(event: LateQuorumVoteExtensionSet): void {
  saveSetting(event, 'voteExtension', event.params.newVoteExtension)
}

export function handleProposalGuardianSet(event: ProposalGuardianSet): void {
  saveOffice(event, 'proposalGuardian', event.params.newProposalGuardian)
}

export function handleTimelockChange(event: TimelockChange): void {
  saveOffice(event, 'timelock', event.params.newTimelock)
}

function saveStep(event: ethereum.Event, number: BigInt, kind: string, until: BigInt | null): void {
  const fact = new ProposalEvent(idOf(event))
  fact.proposal = wordOf(number)
  fact.kind = kind
  fact.until = until
  fact.blockNumber = event.block.number
  fact.timestamp = event.block.timestamp
  fact.transactionHash = event.transaction.hash
  fact.save()
}

function close(event: ethereum.Event, number: BigInt, status: string): void {
  const proposal = Proposal.load(wordOf(number))
  if (proposal !== null) {
    proposal.status = status
    proposal.closedAt = event.block.timestamp
    proposal.save()
  }
  saveStep(event, number, status, null)
}

function saveVote(
  event: ethereum.Event,
  number: BigInt,
  address: Address,
  support: i32,
  weightWei: BigInt,
  reason: string,
  parameters: Bytes | null,
): void {
  const voter = createOrLoadVoter(address)
  voter.voteCount += 1
  voter.save()
  const proposal = Proposal.load(wordOf(number))
  if (proposal !== null) {
    proposal.voteCount += 1
    if (support == 0) proposal.againstWei = proposal.againstWei.plus(weightWei)
    else if (support == 1) proposal.forWei = proposal.forWei.plus(weightWei)
    else proposal.abstainWei = proposal.abstainWei.plus(weightWei)
    proposal.save()
  }
  const vote = new Vote(idOf(event))
  vote.proposal = wordOf(number)
  vote.voter = address
  vote.support = SUPPORT[support]
  vote.weightWei = weightWei
  vote.reason = reason
  vote.parameters = parameters
  vote.blockNumber = event.block.number
  vote.timestamp = event.block.timestamp
  vote.transactionHash = event.transaction.hash
  vote.save()
}
