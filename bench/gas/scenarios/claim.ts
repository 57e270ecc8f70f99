import type { Economy } from '../economy.ts'
import { openRoot, type Subtree, subtree } from '../roots.ts'
import type { Scenario } from '../scenario.ts'

const ONE_OPEN = 10n ** 18n

async function claim(economy: Economy, { words, index, proof }: Subtree): Promise<number> {
  return economy.send(economy.accounts.stranger, 'RewardDistributor', 'claim', words[0], index, proof)
}

export default [
  {
    name: 'claim.first',
    says: 'A single claim at 2^20 leaves, by an account that never held OPEN nor claimed.',
    n: 1,
    bar: 95_500,
    goal: 92_500,
    async run(economy) {
      const tree = subtree('first', 1, 123n * ONE_OPEN)
      await openRoot(economy, tree.root, 1_000n * ONE_OPEN)
      return claim(economy, tree)
    },
  },
  {
    name: 'claim.later',
    says: 'The same account claims again, by a later root.',
    n: 1,
    bar: 61_000,
    goal: 58_500,
    async run(economy) {
      const [first, later] = [subtree('first', 1, 123n * ONE_OPEN), subtree('later', 1, 234n * ONE_OPEN)]
      await openRoot(economy, first.root, 1_000n * ONE_OPEN)
      await claim(economy, first)
      await openRoot(economy, later.root, 2_000n * ONE_OPEN)
      return claim(economy, later)
    },
  },
] satisfies Scenario[]
