import { Address } from '@graphprotocol/graph-ts'
import { AuthorizationCanceled, AuthorizationUsed, Transfer } from '../generated/OpenToken/OpenToken'
import { TransferPoint } from '../generated/schema'
import { createOrLoadAccount } from './account'
import { saveAuthorization, saveTransfer } from './token'

export function handleTransfer(event: Transfer): void {
  const amountWei = event.params.value
  saveTransfer(event, event.params.from, event.params.to, amountWei)
  const point = new TransferPoint(0) // graph-node gives points their numbers
  point.contract = event.address
  point.amountWei = amountWei
  point.save()
  // The zero address is nobody: it stands for the mint and for burning.
  if (event.params.from != Address.zero()) {
    const from = createOrLoadAccount(event.params.from)
    from.balanceWei = from.balanceWei.minus(amountWei)
    from.sentWei = from.sentWei.plus(amountWei)
    from.save()
  }
  if (event.params.to != Address.zero()) {
    const to = createOrLoadAccount(event.params.to)
    to.balanceWei = to.balanceWei.plus(amountWei)
    to.receivedWei = to.receivedWei.plus(amountWei)
    to.save()
  }
}

export function handleAuthorizationUsed(event: AuthorizationUsed): void {
  saveAuthorization(event, event.params.authorizer, event.params.nonce, true)
}

export function handleAuthorizationCanceled(event: AuthorizationCanceled): void {
  saveAuthorization(event, event.params.authorizer, event.params.nonce, false)
}
