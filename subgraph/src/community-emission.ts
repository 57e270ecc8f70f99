import { Emitted, RateSet, SinkSet } from '../generated/CommunityEmission/CommunityEmission'
import { Emission } from '../generated/schema'
import { idOf } from './event-id'
import { createOrLoadProtocol } from './protocol'
import { saveOffice, saveSetting } from './setting'

export function handleEmitted(event: Emitted): void {
  const protocol = createOrLoadProtocol()
  protocol.emittedWei = protocol.emittedWei.plus(event.params.amountWei)
  protocol.save()
  const emission = new Emission(idOf(event))
  emission.sink = event.params.sink
  emission.amountWei = event.params.amountWei
  emission.allowedWei = event.params.allowedWei
  emission.blockNumber = event.block.number
  emission.timestamp = event.block.timestamp
  emission.transactionHash = event.transaction.hash
  emission.save()
}

export function handleRateSet(event: RateSet): void {
  saveSetting(event, 'ratePerDayWei', event.params.ratePerDayWei)
}

export function handleSinkSet(event: SinkSet): void {
  saveOffice(event, 'sink', event.params.sink)
}
