import { Allocated } from '../generated/Genesis/Genesis'
import { Allocation } from '../generated/schema'
import { idOf } from './event-id'

const PARTS = ['Community', 'Ecosystem', 'Investors', 'Team', 'Liquidity']

export function handleAllocated(event: Allocated): void {
  const allocation = new Allocation(idOf(event))
  allocation.part = PARTS[event.params.part]
  allocation.holder = event.params.holder
  allocation.owner = event.params.owner
  allocation.wallet = event.params.wallet
  allocation.atOnceWei = event.params.atOnceWei
  allocation.vestingWei = event.params.vestingWei
  allocation.blockNumber = event.block.number
  allocation.timestamp = event.block.timestamp
  allocation.transactionHash = event.transaction.hash
  allocation.save()
}
