import { Address, BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts'
import { Authorization, TokenTransfer } from '../generated/schema'
import { touchContract } from './contract'
import { idOf } from './event-id'

/** A token moved, was minted or was burnt. */
export function saveTransfer(event: ethereum.Event, from: Address, to: Address, amountWei: BigInt): void {
  touchContract(event)
  const transfer = new TokenTransfer(idOf(event))
  transfer.token = event.address
  transfer.from = from
  transfer.to = to
  transfer.amountWei = amountWei
  transfer.blockNumber = event.block.number
  transfer.timestamp = event.block.timestamp
  transfer.transactionHash = event.transaction.hash
  transfer.save()
}

/** A signed permission to move a token was used, or called off. */
export function saveAuthorization(event: ethereum.Event, authorizer: Address, nonce: Bytes, isUsed: boolean): void {
  touchContract(event)
  const authorization = new Authorization(idOf(event))
  authorization.token = event.address
  authorization.authorizer = authorizer
  authorization.nonce = nonce
  authorization.isUsed = isUsed
  authorization.blockNumber = event.block.number
  authorization.timestamp = event.block.timestamp
  authorization.transactionHash = event.transaction.hash
  authorization.save()
}
