/** Stake on an agent's or a model's pool. */
import type { Provider } from 'ethers'
import { type Call, callOf } from './calls.ts'
import { contractOf } from './contracts.ts'
import type { Network } from './network.ts'

export type StakeAccount = {
  /** What the account's shares are worth now, in wei of OPEN. */
  stakedWei: bigint
  shares: bigint
  /** Active stake of the whole pool. */
  poolWei: bigint
  thaws: { shares: bigint; until: number }[]
}

/** Allows the staking contract to take `amountWei` from the sender and stakes it for `staker`. */
export function stakeCalls(network: Network, poolId: string, staker: string, amountWei: bigint): Call[] {
  return [
    callOf(network, 'OpenToken', 'approve', network.contracts.AgentStaking.address, amountWei),
    callOf(network, 'AgentStaking', 'stake', poolId, staker, amountWei),
  ]
}

/** @param shares as `stakeAccount` counts them; use `sharesFor` for an amount */
export function unstakeCall(network: Network, poolId: string, shares: bigint): Call {
  return callOf(network, 'AgentStaking', 'thaw', poolId, shares)
}

export function withdrawStakeCall(network: Network, poolId: string, to: string): Call {
  return callOf(network, 'AgentStaking', 'withdraw', poolId, to)
}

/** The shares that `amountWei` is worth, rounded up to all when it is all that there is. */
export function sharesFor({ shares, stakedWei }: StakeAccount, amountWei: bigint): bigint {
  return amountWei >= stakedWei ? shares : (amountWei * shares) / stakedWei
}

export async function stakeAccount(
  network: Network,
  provider: Provider,
  poolId: string,
  staker: string,
): Promise<StakeAccount> {
  const staking = contractOf(network, 'AgentStaking', provider)
  const [[shares, stakedWei], pool, thaws] = await Promise.all([
    staking.getFunction('stakeOf')(poolId, staker),
    staking.getFunction('poolOf')(poolId),
    staking.getFunction('thawsOf')(poolId, staker) as Promise<{ shares: bigint; until: bigint }[]>,
  ])
  return {
    stakedWei,
    shares,
    poolWei: pool.activeWei,
    thaws: thaws.map((thaw) => ({ shares: thaw.shares, until: Number(thaw.until) })),
  }
}
