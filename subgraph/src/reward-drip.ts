import { DripFunded, Dripped, DripSet } from '../generated/RewardDrip/RewardDrip'
import { Drip, DripFunding } from '../generated/schema'
import { idOf } from './event-id'
import { createOrLoadProtocol } from './protocol'
import { saveSetting } from './setting'

export function handleDripFunded(event: DripFunded): void {
  const protocol = createOrLoadProtocol()
  protocol.dripFundedWei = protocol.dripFundedWei.plus(event.params.amountWei)
  protocol.save()
  const funding = new DripFunding(idOf(event))
  funding.from = event.params.from
  funding.source = event.params.source
  funding.amountWei = event.params.amountWei
  funding.blockNumber = event.block.number
  funding.timestamp = event.block.timestamp
  funding.transactionHash = event.transaction.hash
  funding.save()
}

export function handleDripped(event: Dripped): void {
  const protocol = createOrLoadProtocol()
  protocol.drippedWei = protocol.drippedWei.plus(event.params.amountWei)
  protocol.waitingWei = event.params.waitingWei
  protocol.save()
  const drip = new Drip(idOf(event))
  drip.amountWei = event.params.amountWei
  drip.waitingWei = event.params.waitingWei
  drip.blockNumber = event.block.number
  drip.timestamp = event.block.timestamp
  drip.transactionHash = event.transaction.hash
  drip.save()
}

export function handleDripSet(event: DripSet): void {
  saveSetting(event, 'weiPerDay', event.params.weiPerDay)
  saveSetting(event, 'burstWei', event.params.burstWei)
}
