import { FaultRateSet, LiabilityTimeSet, ReplayFaultProven } from '../generated/ReplayFaults/ReplayFaults'
import { ReplayFault } from '../generated/schema'
import { touchAccount } from './account'
import { idOf } from './event-id'
import { saveSetting } from './setting'
import { wordOf } from './word'

const KINDS = ['Sequence', 'Predecessor', 'Response']

export function handleReplayFaultProven(event: ReplayFaultProven): void {
  touchAccount(event.params.node)
  touchAccount(event.params.prover)
  const fault = new ReplayFault(idOf(event))
  fault.agent = wordOf(event.params.agentId)
  fault.node = event.params.node
  fault.prover = event.params.prover
  fault.kind = KINDS[event.params.fault]
  fault.firstReceipt = event.params.firstReceipt
  fault.secondReceipt = event.params.secondReceipt
  fault.slashedWei = event.params.slashedWei
  fault.blockNumber = event.block.number
  fault.timestamp = event.block.timestamp
  fault.transactionHash = event.transaction.hash
  fault.save()
}

export function handleFaultRateSet(event: FaultRateSet): void {
  saveSetting(event, 'faultPpm', event.params.ppm)
}

export function handleLiabilityTimeSet(event: LiabilityTimeSet): void {
  saveSetting(event, 'liabilityTime', event.params.liabilityTime)
}
