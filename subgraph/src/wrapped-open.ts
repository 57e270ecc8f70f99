import { Address, BigInt } from '@graphprotocol/graph-ts'
import { WrappedHolder, Wrapping } from '../generated/schema'
import {
  AuthorizationCanceled,
  AuthorizationUsed,
  Deposit,
  Transfer,
  Withdrawal,
} from '../generated/WrappedOpen/WrappedOpen'
import { idOf } from './event-id'
import { saveAuthorization, saveTransfer } from './token'

export function handleWrappedTransfer(event: Transfer): void {
  saveTransfer(event, event.params.from, event.params.to, event.params.value)
  if (event.params.from != Address.zero()) {
    const from = createOrLoadHolder(event.params.from)
    from.balanceWei = from.balanceWei.minus(event.params.value)
    from.save()
  }
  if (event.params.to != Address.zero()) {
    const to = createOrLoadHolder(event.params.to)
    to.balanceWei = to.balanceWei.plus(event.params.value)
    to.save()
  }
}

export function handleDeposit(event: Deposit): void {
  // The balance follows from the transfer beside this event.
  const holder = createOrLoadHolder(event.params.dst)
  holder.wrappedWei = holder.wrappedWei.plus(event.params.wad)
  holder.save()
  const wrapping = new Wrapping(idOf(event))
  wrapping.holder = event.params.dst
  wrapping.amountWei = event.params.wad
  wrapping.blockNumber = event.block.number
  wrapping.timestamp = event.block.timestamp
  wrapping.transactionHash = event.transaction.hash
  wrapping.save()
}

export function handleWithdrawal(event: Withdrawal): void {
  const holder = createOrLoadHolder(event.params.src)
  holder.unwrappedWei = holder.unwrappedWei.plus(event.params.wad)
  holder.save()
  const wrapping = new Wrapping(idOf(event))
  wrapping.holder = event.params.src
  wrapping.amountWei = event.params.wad.neg()
  wrapping.blockNumber = event.block.number
  wrapping.timestamp = event.block.timestamp
  wrapping.transactionHash = event.transaction.hash
  wrapping.save()
}

export function handleWrappedAuthorizationUsed(event: AuthorizationUsed): void {
  saveAuthorization(event, event.params.authorizer, event.params.nonce, true)
}

export function handleWrappedAuthorizationCanceled(event: AuthorizationCanceled): void {
  saveAuthorization(event, event.params.authorizer, event.params.nonce, false)
}

function createOrLoadHolder(address: Address): WrappedHolder {
  let holder = WrappedHolder.load(address)
  if (holder === null) {
    holder = new WrappedHolder(address)
    holder.balanceWei = BigInt.zero()
    holder.wrappedWei = BigInt.zero()
    holder.unwrappedWei = BigInt.zero()
  }
  return holder
}
