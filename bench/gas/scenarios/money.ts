import { accountOf } from '../random.ts'
import type { Scenario } from '../scenario.ts'

const ONE_OPEN = 10n ** 18n

export default [
  {
    name: 'token.transfer',
    says: 'OPEN to an account that has some.',
    n: 1,
    async run(economy) {
      const to = accountOf('somebody')
      await economy.send(economy.accounts.holder, 'OpenToken', 'transfer', to, ONE_OPEN)
      return economy.send(economy.accounts.holder, 'OpenToken', 'transfer', to, 123n * ONE_OPEN)
    },
  },
  {
    name: 'deposit.first',
    says: 'A payer’s first deposit for answers; the approval is a transaction of its own.',
    n: 1,
    async run(economy) {
      const { holder } = economy.accounts
      await economy.send(holder, 'OpenToken', 'approve', economy.addressOf('InferenceEscrow'), 1_000n * ONE_OPEN)
      return economy.send(holder, 'InferenceEscrow', 'deposit', accountOf('payer'), 123n * ONE_OPEN)
    },
  },
  {
    name: 'deposit.later',
    says: 'The payer’s next deposit.',
    n: 1,
    async run(economy) {
      const { holder } = economy.accounts
      await economy.send(holder, 'OpenToken', 'approve', economy.addressOf('InferenceEscrow'), 1_000n * ONE_OPEN)
      await economy.send(holder, 'InferenceEscrow', 'deposit', accountOf('payer'), 123n * ONE_OPEN)
      return economy.send(holder, 'InferenceEscrow', 'deposit', accountOf('payer'), 234n * ONE_OPEN)
    },
  },
] satisfies Scenario[]
