import { RESUME_TRAINING } from '@openledger/sdk'
import { Command } from 'commander'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger train resume <run>` */
export function resumeCommand(): Command {
  const command = new Command('resume')
    .description('let a run of the factory that failed or was cancelled go on from its checkpoint')
    .argument('<run>', 'id of the run')
    .action((id: string, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const { resumeTraining: run } = await openledger.query(RESUME_TRAINING, { id })
        if (flags.json) printJson(run)
        else printFacts({ run: run.id, status: run.status })
      }),
    )
  return readsNetwork(command)
}
