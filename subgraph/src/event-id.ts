import { Bytes, ethereum } from '@graphprotocol/graph-ts'

/** Id of the fact that an event states: transaction hash, then log index. */
export function idOf(event: ethereum.Event): Bytes {
  return event.transaction.hash.concatI32(event.logIndex.toI32())
}
