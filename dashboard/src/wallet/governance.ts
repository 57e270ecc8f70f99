import { callOf, type OpenLedger } from '@openledger/sdk'
import { id } from 'ethers'

type Proposal = { description: string; calls: readonly { target: string; valueWei: string; data: string }[] }

/** Puts what has passed into the timelock, or does what has waited there. */
export function proposalCalls({ network }: OpenLedger, method: 'queue' | 'execute', { calls, description }: Proposal) {
  const lists = [
    calls.map(({ target }) => target),
    calls.map(({ valueWei }) => BigInt(valueWei)),
    calls.map(({ data }) => data),
  ]
  return [callOf(network, 'OpenGovernor', method, ...lists, id(description))]
}

/** Lets an account vote with the sender's gOPEN. */
export function delegateCalls({ network }: OpenLedger, to: string) {
  return [callOf(network, 'GovernanceOpen', 'delegate', to)]
}
