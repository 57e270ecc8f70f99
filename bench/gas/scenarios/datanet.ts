import { BATCH, createDatanet } from '../lineage.ts'
import type { Scenario } from '../scenario.ts'

export default [
  {
    name: 'datanet.create',
    says: 'A Datanet with its name and licence.',
    n: 1,
    run: async (economy) => (await createDatanet(economy)).gas,
  },
  {
    name: 'contribution.batch',
    says: 'A contribution: one event, however many records the batch has.',
    n: 1,
    bar: 35_000,
    async run(economy) {
      const { id } = await createDatanet(economy)
      return economy.send(economy.accounts.stranger, 'LineageRegistry', 'contributeRecords', id, ...BATCH)
    },
  },
] satisfies Scenario[]
