import { Address, Bytes, dataSource, ethereum } from '@graphprotocol/graph-ts'
// All guarded contracts say these in the same words.
import {
  GuardianSet,
  Initialized,
  OwnershipTransferred,
  Paused,
  Unpaused,
  Upgraded,
} from '../generated/LineageRegistry/LineageRegistry'
import { OwnershipTransferStarted } from '../generated/OpenPaymaster/OpenPaymaster'
import { Contract, ContractEvent } from '../generated/schema'
import { idOf } from './event-id'

export function handlePaused(event: Paused): void {
  const contract = createOrLoadContract(event)
  contract.isPaused = true
  contract.save()
  saveEvent(event, 'Paused', event.params.by, null)
}

export function handleUnpaused(event: Unpaused): void {
  const contract = createOrLoadContract(event)
  contract.isPaused = false
  contract.save()
  saveEvent(event, 'Unpaused', event.params.by, null)
}

export function handleGuardianSet(event: GuardianSet): void {
  const contract = createOrLoadContract(event)
  contract.guardian = unlessZero(event.params.guardian)
  contract.save()
  saveEvent(event, 'GuardianSet', event.params.guardian, null)
}

export function handleOwnershipTransferStarted(event: OwnershipTransferStarted): void {
  const contract = createOrLoadContract(event)
  contract.nextOwner = unlessZero(event.params.newOwner)
  contract.save()
  saveEvent(event, 'OwnershipOffered', event.params.newOwner, event.params.previousOwner)
}

export function handleOwnershipTransferred(event: OwnershipTransferred): void {
  const contract = createOrLoadContract(event)
  contract.owner = unlessZero(event.params.newOwner)
  contract.nextOwner = null
  contract.save()
  saveEvent(event, 'OwnershipTransferred', event.params.newOwner, event.params.previousOwner)
}

export function handleUpgraded(event: Upgraded): void {
  const contract = createOrLoadContract(event)
  contract.implementation = event.params.implementation
  contract.save()
  saveEvent(event, 'Upgraded', event.params.implementation, null)
}

export function handleInitialized(event: Initialized): void {
  const contract = createOrLoadContract(event)
  contract.initializedVersion = event.params.version
  contract.save()
}

/** The contract that the event is of; `subgraph.yaml` says how it is called. */
export function createOrLoadContract(event: ethereum.Event): Contract {
  let contract = Contract.load(event.address)
  if (contract === null) {
    contract = new Contract(event.address)
    contract.name = dataSource.context().getString('name')
    contract.isPaused = false
  }
  return contract
}

/** Makes sure that the contract exists, for entities that refer to it. */
export function touchContract(event: ethereum.Event): void {
  if (Contract.load(event.address) === null) createOrLoadContract(event).save()
}

function saveEvent(event: ethereum.Event, kind: string, account: Address, from: Bytes | null): void {
  const fact = new ContractEvent(idOf(event))
  fact.contract = event.address
  fact.kind = kind
  fact.account = account
  fact.from = from
  fact.blockNumber = event.block.number
  fact.timestamp = event.block.timestamp
  fact.transactionHash = event.transaction.hash
  fact.save()
}

function unlessZero(address: Address): Bytes | null {
  return address == Address.zero() ? null : address
}
