import { OpenLedgerError } from '@openledger/protocol'
import { sharesFor, unstakeCall } from '@openledger/sdk'
import { Command } from 'commander'
import { amountOf, idOf } from '../../client/arguments.ts'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger stake thaw <pool> <amount|all>` */
export function thawCommand(): Command {
  const command = new Command('thaw')
    .description('begin to leave a pool; until the thaw ends the stake can still be slashed')
    .argument('<pool>', 'id of the model, or of the agent’s pool')
    .argument('<amount>', 'in OPEN, or "all"')
    .action((pool: string, amount: string, flags: SendingFlags) =>
      signing(flags, async (openledger) => {
        const account = await openledger.stake.account(idOf(pool))
        const shares = amount === 'all' ? account.shares : sharesFor(account, amountOf(amount))
        if (shares === 0n) {
          throw new OpenLedgerError('stake.nothing', 'This account has nothing at stake there.', {
            facts: { pool, account: await openledger.address() },
            nextStep: 'Run `openledger stake show <pool>` with the account that staked.',
          })
        }
        await transact(openledger, flags, [unstakeCall(openledger.network, idOf(pool), shares)], { pool, amount })
      }),
    )
  return sends(command)
}
