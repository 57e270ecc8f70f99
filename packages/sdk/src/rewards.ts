/** What records earned, and being paid for it. */
import { verifyClaim as isProven } from '@openledger/commitment'
import { OpenLedgerError } from '@openledger/protocol'
import { type Call, callOf } from './calls.ts'
import { ask } from './graphql.ts'
import type { Network } from './network.ts'
import { REWARDS, type RewardsRow } from './queries.ts'

export async function readRewards(network: Network, account: string): Promise<RewardsRow> {
  return (await ask(network, REWARDS, { account: account.toLowerCase() })).contributor
}

/**
 * The call that pays an account what the newest live root grants it. Anybody may send it; the money goes to the account.
 * @throws claim.nothing when there is nothing to claim; claim.unproven when the api's proof does not lead to its root
 */
export function claimCall(network: Network, { account, claimableWei, proof }: RewardsRow): Call {
  if (proof === null || BigInt(claimableWei) === 0n) {
    throw new OpenLedgerError('claim.nothing', 'There is nothing to claim now.', {
      facts: { account, claimableWei },
      nextStep: 'Rewards can be claimed once an epoch’s root is live; `openledger rewards show` says what stands.',
      retryable: true,
    })
  }
  const { word, index, siblings, root } = proof
  if (!isProven(root, { word, index, proof: siblings })) {
    throw new OpenLedgerError('claim.unproven', 'The proof does not lead to the root.', {
      facts: { account, root, index },
      nextStep: 'Ask another api: the chain would refuse this claim.',
    })
  }
  return callOf(network, 'RewardDistributor', 'claim', word, index, siblings)
}
