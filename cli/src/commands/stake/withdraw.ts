import { withdrawStakeCall } from '@openledger/sdk'
import { Command } from 'commander'
import { idOf } from '../../client/arguments.ts'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger stake withdraw <pool>` */
export function withdrawCommand(): Command {
  const command = new Command('withdraw')
    .description('take back what has thawed')
    .argument('<pool>', 'id of the model, or of the agent’s pool')
    .action((pool: string, flags: SendingFlags) =>
      signing(flags, async (openledger) => {
        const call = withdrawStakeCall(openledger.network, idOf(pool), await openledger.address())
        await transact(openledger, flags, [call], { pool })
      }),
    )
  return sends(command)
}
