import { openRoot, subtree } from '../roots.ts'
import type { Scenario } from '../scenario.ts'

export default [
  {
    name: 'root.propose',
    says: 'A bonded proposal of an epoch’s root, after an earlier one.',
    n: 1,
    async run(economy) {
      await openRoot(economy, subtree('first', 1, 10n ** 20n).root, 10n ** 21n)
      return openRoot(economy, subtree('later', 1, 10n ** 21n).root, 10n ** 22n)
    },
  },
] satisfies Scenario[]
