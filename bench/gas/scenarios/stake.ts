import type { Economy } from '../economy.ts'
import { register } from '../lineage.ts'
import type { Scenario } from '../scenario.ts'

const ONE_OPEN = 10n ** 18n

/** Stakes on a model's pool. @return gas of the transaction */
async function stake(economy: Economy, poolId: string, amountWei: bigint): Promise<number> {
  const { holder } = economy.accounts
  return economy.send(holder, 'AgentStaking', 'stake', poolId, holder, amountWei)
}

async function poolOf(economy: Economy): Promise<string> {
  const { holder } = economy.accounts
  await economy.send(holder, 'OpenToken', 'approve', economy.addressOf('AgentStaking'), 10n ** 24n)
  return (await register(economy, 'base', [])).id
}

export default [
  {
    name: 'stake.first',
    says: 'The first stake on a model; the approval is a transaction of its own.',
    n: 1,
    run: async (economy) => stake(economy, await poolOf(economy), 123n * ONE_OPEN),
  },
  {
    name: 'stake.later',
    says: 'More stake by the same staker.',
    n: 1,
    async run(economy) {
      const poolId = await poolOf(economy)
      await stake(economy, poolId, 123n * ONE_OPEN)
      return stake(economy, poolId, 234n * ONE_OPEN)
    },
  },
] satisfies Scenario[]
