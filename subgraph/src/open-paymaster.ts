import { Charged, SourceSet, Swept, TermsSet } from '../generated/OpenPaymaster/OpenPaymaster'
import { GasCharge, GasSweep } from '../generated/schema'
import { touchAccount } from './account'
import { idOf } from './event-id'
import { saveOffice, saveSetting } from './setting'

export function handleCharged(event: Charged): void {
  touchAccount(event.params.sender)
  const charge = new GasCharge(idOf(event))
  charge.userOpHash = event.params.userOpHash
  charge.sender = event.params.sender
  charge.costWei = event.params.costWei
  charge.chargedWei = event.params.chargedWei
  charge.refundedWei = event.params.refundedWei
  charge.blockNumber = event.block.number
  charge.timestamp = event.block.timestamp
  charge.transactionHash = event.transaction.hash
  charge.save()
}

export function handlePaymasterSwept(event: Swept): void {
  const sweep = new GasSweep(idOf(event))
  sweep.amountWei = event.params.amountWei
  sweep.blockNumber = event.block.number
  sweep.timestamp = event.block.timestamp
  sweep.transactionHash = event.transaction.hash
  sweep.save()
}

export function handleTermsSet(event: TermsSet): void {
  saveSetting(event, 'markupPpm', event.params.markupPpm)
  saveSetting(event, 'postOpGas', event.params.postOpGas)
  saveSetting(event, 'maxAgeSeconds', event.params.maxAgeSeconds)
  saveSetting(event, 'operationCapWei', event.params.operationCapWei)
  saveSetting(event, 'senderCapWei', event.params.senderCapWei)
  saveSetting(event, 'dayCapWei', event.params.dayCapWei)
}

export function handleSourceSet(event: SourceSet): void {
  saveOffice(event, 'source', event.params.source)
}
