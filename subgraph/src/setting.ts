import { Address, BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts'
import { Setting, SettingChange } from '../generated/schema'
import { touchContract } from './contract'
import { idOf } from './event-id'

/** Governance set a number of the event's contract. */
export function saveSetting(event: ethereum.Event, name: string, value: BigInt): void {
  save(event, name, value, null)
}

/** Governance gave an office of the event's contract to an account. */
export function saveOffice(event: ethereum.Event, name: string, account: Address): void {
  save(event, name, null, account)
}

function save(event: ethereum.Event, name: string, value: BigInt | null, account: Bytes | null): void {
  touchContract(event)
  const setting = new Setting(event.address.concat(Bytes.fromUTF8(name)))
  setting.contract = event.address
  setting.name = name
  setting.value = value
  setting.account = account
  setting.timestamp = event.block.timestamp
  setting.save()

  // One event may set several.
  const change = new SettingChange(idOf(event).concat(Bytes.fromUTF8(name)))
  change.setting = setting.id
  change.value = value
  change.account = account
  change.blockNumber = event.block.number
  change.timestamp = event.block.timestamp
  change.transactionHash = event.transaction.hash
  change.save()
}
