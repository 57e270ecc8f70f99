import { BATCH, createDatanet, register } from '../lineage.ts'
import type { Scenario } from '../scenario.ts'

export default [
  {
    name: 'register.parent1',
    says: 'An adapter on a base.',
    n: 1,
    bar: 65_000,
    async run(economy) {
      const base = await register(economy, 'base', [])
      return (await register(economy, 'adapter', [[base.id, 0]])).gas
    },
  },
  {
    name: 'register.parent2',
    says: 'An adapter on a base and one Datanet.',
    n: 1,
    async run(economy) {
      const datanet = await createDatanet(economy)
      await economy.send(economy.accounts.stranger, 'LineageRegistry', 'contributeRecords', datanet.id, ...BATCH)
      const base = await register(economy, 'base', [])
      const asOfBlock = await economy.blockNumber()
      const parents = [[base.id, 0] as const, [datanet.id, asOfBlock] as const]
      return (await register(economy, 'adapter', parents)).gas
    },
  },
] satisfies Scenario[]
