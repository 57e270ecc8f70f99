import { lockVotesCalls } from '@openledger/sdk'
import { Command } from 'commander'
import { amountOf } from '../../client/arguments.ts'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger gov lock <amount>`: only locked and delegated OPEN votes. */
export function lockCommand(): Command {
  const command = new Command('lock')
    .description('lock OPEN as gOPEN and vote with it; it can be unlocked at any time')
    .argument('<amount>', 'in OPEN')
    .action((amount: string, flags: SendingFlags) =>
      signing(flags, async (openledger) => {
        const calls = lockVotesCalls(openledger.network, await openledger.address(), amountOf(amount))
        await transact(openledger, flags, calls, { amount })
      }),
    )
  return sends(command)
}
