import { digestOf } from '@openledger/protocol'
import { callOf, contractOf, type OpenLedger } from '@openledger/sdk'

/** Lets the court take the bond, then disputes the epoch's root. */
export async function challengeCalls(openledger: OpenLedger, epoch: number, reason: string) {
  const { network, provider } = openledger
  const bondWei: bigint = await contractOf(network, 'RootCourt', provider).bondWei!()
  const court = network.contracts.RootCourt.address
  const reasonHash = digestOf(new TextEncoder().encode(reason.trim()))
  return [
    callOf(network, 'OpenToken', 'approve', court, bondWei),
    callOf(network, 'RootCourt', 'challenge', epoch, reasonHash),
  ]
}
