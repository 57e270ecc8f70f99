import type { Economy } from '../economy.ts'
import { openRoot, type Subtree, subtree } from '../roots.ts'
import type { Scenario } from '../scenario.ts'

const ONE_OPEN = 10n ** 18n
const COUNT = 64

async function claim(economy: Economy, { words, index, proof }: Subtree): Promise<number> {
  return economy.send(economy.accounts.stranger, 'RewardDistributor', 'claimSubtree', words, index, proof)
}

export default [
  {
    name: 'subtree64.first',
    says: 'An aligned subtree of 64 accounts of a tree of 2^20, none of which held OPEN or claimed.',
    n: COUNT,
    async run(economy) {
      const tree = subtree('first', COUNT, 123n * ONE_OPEN)
      await openRoot(economy, tree.root, 10_000n * ONE_OPEN)
      return claim(economy, tree)
    },
  },
  {
    name: 'subtree64.later',
    says: 'The same 64 accounts again, by a later root.',
    n: COUNT,
    bar: 17_000,
    async run(economy) {
      const [first, later] = [subtree('first', COUNT, 123n * ONE_OPEN), subtree('later', COUNT, 234n * ONE_OPEN)]
      await openRoot(economy, first.root, 10_000n * ONE_OPEN)
      await claim(economy, first)
      await openRoot(economy, later.root, 20_000n * ONE_OPEN)
      return claim(economy, later)
    },
  },
] satisfies Scenario[]
