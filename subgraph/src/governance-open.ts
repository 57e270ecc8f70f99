import { Address } from '@graphprotocol/graph-ts'
import { DelegateChanged, DelegateVotesChanged, Transfer } from '../generated/GovernanceOpen/GovernanceOpen'
import { DelegateChange, VotesChange } from '../generated/schema'
import { idOf } from './event-id'
import { saveTransfer } from './token'
import { createOrLoadVoter } from './voter'

export function handleVotesTransfer(event: Transfer): void {
  saveTransfer(event, event.params.from, event.params.to, event.params.value)
  if (event.params.from != Address.zero()) {
    const from = createOrLoadVoter(event.params.from)
    from.balanceWei = from.balanceWei.minus(event.params.value)
    from.save()
  }
  if (event.params.to != Address.zero()) {
    const to = createOrLoadVoter(event.params.to)
    to.balanceWei = to.balanceWei.plus(event.params.value)
    to.save()
  }
}

export function handleDelegateChanged(event: DelegateChanged): void {
  const voter = createOrLoadVoter(event.params.delegator)
  if (event.params.toDelegate == Address.zero()) voter.delegate = null
  else voter.delegate = event.params.toDelegate
  voter.save()
  const change = new DelegateChange(idOf(event))
  change.voter = event.params.delegator
  change.from = event.params.fromDelegate
  change.to = event.params.toDelegate
  change.blockNumber = event.block.number
  change.timestamp = event.block.timestamp
  change.transactionHash = event.transaction.hash
  change.save()
}

export function handleDelegateVotesChanged(event: DelegateVotesChanged): void {
  const voter = createOrLoadVoter(event.params.delegate)
  voter.votesWei = event.params.newVotes
  voter.save()
  const change = new VotesChange(idOf(event))
  change.voter = event.params.delegate
  change.previousWei = event.params.previousVotes
  change.votesWei = event.params.newVotes
  change.blockNumber = event.block.number
  change.timestamp = event.block.timestamp
  change.transactionHash = event.transaction.hash
  change.save()
}
