import { Bytes, ethereum } from '@graphprotocol/graph-ts'
import {
  CallExecuted,
  CallScheduled,
  Cancelled,
  MinDelayChange,
  RoleGranted,
  RoleRevoked,
} from '../generated/OpenTimelock/OpenTimelock'
import { TimelockCall, TimelockOperation } from '../generated/schema'
import { savePermission } from './permission'
import { saveSetting } from './setting'

export function handleCallScheduled(event: CallScheduled): void {
  const operation = new TimelockOperation(event.params.id)
  operation.status = 'Scheduled'
  operation.predecessor = event.params.predecessor
  operation.readyAt = event.block.timestamp.plus(event.params.delay)
  operation.blockNumber = event.block.number
  operation.timestamp = event.block.timestamp
  operation.closedAt = null
  operation.save()
  const call = new TimelockCall(event.params.id.concatI32(event.params.index.toI32()))
  call.operation = event.params.id
  call.index = event.params.index.toI32()
  call.target = event.params.target
  call.valueWei = event.params.value
  call.data = event.params.data
  call.save()
}

export function handleCallExecuted(event: CallExecuted): void {
  close(event, event.params.id, 'Executed')
}

export function handleOperationCancelled(event: Cancelled): void {
  close(event, event.params.id, 'Cancelled')
}

export function handleMinDelayChange(event: MinDelayChange): void {
  saveSetting(event, 'minDelay', event.params.newDuration)
}

export function handleRoleGranted(event: RoleGranted): void {
  savePermission(event, event.params.role.toHexString(), event.params.account, true)
}

export function handleRoleRevoked(event: RoleRevoked): void {
  savePermission(event, event.params.role.toHexString(), event.params.account, false)
}

function close(event: ethereum.Event, id: Bytes, status: string): void {
  const operation = TimelockOperation.load(id)
  if (operation === null) return // the timelock executes and cancels nothing that was not scheduled
  operation.status = status
  operation.closedAt = event.block.timestamp
  operation.save()
}
