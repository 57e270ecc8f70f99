import { prepareContribution, storeContribution } from '@openledger/sdk'
import { Command } from 'commander'
import { idOf } from '../../client/arguments.ts'
import { note } from '../../client/print.ts'
import { readRecords } from '../../client/record-files.ts'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger datanet push <datanet> <path…>` */
export function pushCommand(): Command {
  const command = new Command('push')
    .description('contribute files as records: stores them, and states that you may')
    .argument('<datanet>', 'id of the Datanet')
    .argument('<path...>', 'files, folders, or .jsonl files whose lines have `text` and perhaps `title`')
    .requiredOption('--licence <spdx>', 'licence of these records, as an SPDX expression')
    .requiredOption('--credit <name>', 'who is to be credited')
    .option('--credit-url <url>', 'where that person or work is found')
    .action((datanet: string, paths: string[], flags: Flags) =>
      signing(flags, async (openledger) => {
        const { network } = openledger
        const prepared = prepareContribution(network, {
          datanetId: idOf(datanet),
          contributor: await openledger.address(),
          licence: flags.licence,
          attribution: { name: flags.credit, ...(flags.creditUrl === undefined ? {} : { url: flags.creditUrl }) },
          records: await readRecords(paths),
        })
        const { manifestCid, batch } = prepared
        const facts = {
          datanet: prepared.manifest.datanetId,
          records: batch.recordCount,
          sizeBytes: Number(batch.sizeBytes),
          recordRoot: batch.recordRoot,
          manifestCid,
        }
        await transact(openledger, flags, [prepared.call], facts, async () => {
          await storeContribution(network, prepared)
          note(`${batch.recordCount} records are stored.`)
        })
      }),
    )
  return sends(command)
}

type Flags = SendingFlags & { licence: string; credit: string; creditUrl?: string }
