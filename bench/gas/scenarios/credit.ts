import type { Economy } from '../economy.ts'
import { idSubtree, openRoot, type Subtree } from '../roots.ts'
import type { Scenario } from '../scenario.ts'

const ONE_OPEN = 10n ** 18n
const COUNT = 256

async function credit(economy: Economy, { words, index, proof }: Subtree): Promise<number> {
  return economy.send(economy.accounts.stranger, 'RewardDistributor', 'creditSubtree', words, index, proof)
}

export default [
  {
    name: 'credit.id.first',
    says: 'An aligned subtree of 256 ids, none of which was credited before.',
    n: COUNT,
    async run(economy) {
      const tree = idSubtree('first', COUNT, 123n * ONE_OPEN)
      await openRoot(economy, tree.root, 50_000n * ONE_OPEN)
      return credit(economy, tree)
    },
  },
  {
    name: 'credit.id',
    says: 'The same 256 ids again, by a later root.',
    n: COUNT,
    bar: 3_600,
    goal: 3_300,
    async run(economy) {
      const [first, later] = [idSubtree('first', COUNT, 123n * ONE_OPEN), idSubtree('later', COUNT, 234n * ONE_OPEN)]
      await openRoot(economy, first.root, 50_000n * ONE_OPEN)
      await credit(economy, first)
      await openRoot(economy, later.root, 90_000n * ONE_OPEN)
      return credit(economy, later)
    },
  },
] satisfies Scenario[]
