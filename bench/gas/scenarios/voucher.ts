import type { Scenario } from '../scenario.ts'
import { Channels } from '../vouchers.ts'

export default [
  {
    name: 'voucher.single',
    says: 'One voucher of a channel that was settled before, alone in its batch.',
    n: 1,
    async run(economy) {
      const channels = await Channels.open(economy, 1)
      await channels.settle(1n)
      return channels.settle(2n)
    },
  },
  {
    name: 'voucher.batch64.first',
    says: '64 payers’ first vouchers, for one model, in one batch.',
    n: 64,
    run: async (economy) => (await Channels.open(economy, 64)).settle(1n),
  },
  {
    name: 'voucher.batch64',
    says: 'The same 64 payers’ next vouchers.',
    n: 64,
    bar: 22_000,
    goal: 18_000,
    async run(economy) {
      const channels = await Channels.open(economy, 64)
      await channels.settle(1n)
      return channels.settle(2n)
    },
  },
  {
    name: 'voucher.batch64.plain',
    says: 'The same with signatures of 65 bytes instead of 64.',
    n: 64,
    async run(economy) {
      const channels = await Channels.open(economy, 64)
      await channels.settle(1n, 'plain')
      return channels.settle(2n, 'plain')
    },
  },
] satisfies Scenario[]
