import { TRAINING_RUNS } from '@openledger/sdk'
import { Command } from 'commander'
import { wholeOf } from '../../client/arguments.ts'
import { plain, printJson, printTable } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger train list` */
export function listCommand(): Command {
  const command = new Command('list')
    .description('list what the factory of this network trains and trained, newest first')
    .option('--first <count>', 'most to list, 1 to 100', '20')
    .action((flags: SessionFlags & { first: string }) =>
      reading(flags, async (openledger) => {
        const { trainingRuns } = await openledger.query(TRAINING_RUNS, { first: wholeOf(flags.first, 1, 100) })
        if (flags.json) return printJson({ runs: trainingRuns })
        const rows = trainingRuns.map(({ id, name, kind, status, jobNumber, progress, modelId }) => ({
          run: id,
          name: plain(name).slice(0, 30),
          kind,
          status: status.toLowerCase(),
          progress: progress.step === null ? progress.phase : `${progress.phase} ${progress.step}/${progress.steps}`,
          order: jobNumber ?? '-',
          model: modelId === null ? '-' : `${modelId.slice(0, 12)}…`,
        }))
        printTable(rows, 'Nothing was trained here yet.')
      }),
    )
  return readsNetwork(command)
}
