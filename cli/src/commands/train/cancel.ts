import { CANCEL_TRAINING } from '@openledger/sdk'
import { Command } from 'commander'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger train cancel <run>` */
export function cancelCommand(): Command {
  const command = new Command('cancel')
    .description('end a run of the factory that waits or trains; nothing is registered')
    .argument('<run>', 'id of the run')
    .action((id: string, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const { cancelTraining: run } = await openledger.query(CANCEL_TRAINING, { id })
        if (flags.json) printJson(run)
        else printFacts({ run: run.id, status: run.status })
      }),
    )
  return readsNetwork(command)
}
