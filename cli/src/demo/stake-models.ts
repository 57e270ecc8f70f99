import { parseOpen } from '@openledger/protocol'
import type { EventLog } from 'ethers'
import { contractOf, send } from '../chain/contracts.ts'
import { roleWallet } from './accounts.ts'
import type { SeedPlace } from './seed-chain.ts'

const STAKE_WEI = parseOpen('500')

/** Somebody stakes on a model, and from then on its answers pay its stakers. A second call changes nothing. */
export async function stakeOn({ deployment, provider }: SeedPlace, modelId: string): Promise<void> {
  const staker = roleWallet('trainer').connect(provider)
  const staking = contractOf(deployment, 'AgentStaking', staker)
  if ((await staking.getFunction('activeWei')(modelId)) !== 0n) return
  await send(contractOf(deployment, 'OpenToken', staker), 'approve', await staking.getAddress(), STAKE_WEI)
  await send(staking, 'stake', modelId, staker.address, STAKE_WEI)
}

/**
 * Sends stakers what their models' answers brought.
 * @returns whether each pool grew by what the settlements set aside for it, to the wei
 */
export async function payStakers({ deployment, provider }: SeedPlace): Promise<StakersPaid> {
  const escrow = contractOf(deployment, 'InferenceEscrow', roleWallet('trainer').connect(provider))
  const staking = contractOf(deployment, 'AgentStaking', provider)
  const divided = (await escrow.queryFilter('Divided', deployment.startBlock)) as EventLog[]
  const dueWei = new Map<string, bigint>()
  for (const { args } of divided) {
    if (args.stakersWei !== 0n) dueWei.set(args.modelId, (dueWei.get(args.modelId) ?? 0n) + args.stakersWei)
  }
  let exact = true
  for (const [modelId, amountWei] of dueWei) {
    const activeWei = async () => (await staking.getFunction('activeWei')(modelId)) as bigint
    if ((await escrow.getFunction('stakersWei')(modelId)) !== 0n) {
      const beforeWei = await activeWei()
      await send(escrow, 'payStakers', modelId)
      exact &&= (await activeWei()) - beforeWei === amountWei
    }
  }
  const totalWei = [...dueWei.values()].reduce((sum, amountWei) => sum + amountWei, 0n)
  return { pools: dueWei.size, totalWei: totalWei.toString(), exact }
}

/** `totalWei` is a decimal string in wei of OPEN. */
type StakersPaid = { pools: number; totalWei: string; exact: boolean }
