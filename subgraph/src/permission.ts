import { Bytes, ethereum } from '@graphprotocol/graph-ts'
import { Permission, PermissionChange } from '../generated/schema'
import { touchContract } from './contract'
import { idOf } from './event-id'

/** A role of the event's contract was given to somebody, or taken away. */
export function savePermission(event: ethereum.Event, role: string, holder: Bytes, allowed: boolean): void {
  touchContract(event)
  const permission = new Permission(event.address.concat(holder).concat(Bytes.fromUTF8(role)))
  permission.contract = event.address
  permission.role = role
  permission.holder = holder
  permission.allowed = allowed
  permission.timestamp = event.block.timestamp
  permission.save()

  const change = new PermissionChange(idOf(event))
  change.permission = permission.id
  change.allowed = allowed
  change.blockNumber = event.block.number
  change.timestamp = event.block.timestamp
  change.transactionHash = event.transaction.hash
  change.save()
}
