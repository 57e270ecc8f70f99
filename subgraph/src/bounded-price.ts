import { BoundsSet, KeeperSet, PriceUpdated } from '../generated/BoundedPrice/BoundedPrice'
import { PriceUpdate } from '../generated/schema'
import { idOf } from './event-id'
import { saveOffice, saveSetting } from './setting'

export function handlePriceUpdated(event: PriceUpdated): void {
  const update = new PriceUpdate(idOf(event))
  update.by = event.params.by
  update.openWei = event.params.openWei
  update.blockNumber = event.block.number
  update.timestamp = event.block.timestamp
  update.transactionHash = event.transaction.hash
  update.save()
}

export function handleBoundsSet(event: BoundsSet): void {
  saveSetting(event, 'minWei', event.params.minWei)
  saveSetting(event, 'maxWei', event.params.maxWei)
  saveSetting(event, 'maxChangePpm', event.params.maxChangePpm)
  saveSetting(event, 'minIntervalSeconds', event.params.minIntervalSeconds)
}

export function handleKeeperSet(event: KeeperSet): void {
  saveOffice(event, 'keeper', event.params.keeper)
}
