import { stakeCalls } from '@openledger/sdk'
import { Command } from 'commander'
import { amountOf, idOf } from '../../client/arguments.ts'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger stake deposit <pool> <amount>` */
export function depositCommand(): Command {
  const command = new Command('deposit')
    .description('stake OPEN on a pool, and share its rewards and its slashes')
    .argument('<pool>', 'id of the model, or of the agent’s pool')
    .argument('<amount>', 'in OPEN')
    .action((pool: string, amount: string, flags: SendingFlags) =>
      signing(flags, async (openledger) => {
        const calls = stakeCalls(openledger.network, idOf(pool), await openledger.address(), amountOf(amount))
        await transact(openledger, flags, calls, { pool, amount })
      }),
    )
  return sends(command)
}
