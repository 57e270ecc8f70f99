import { DATANETS } from '@openledger/sdk'
import { Command } from 'commander'
import { wholeOf } from '../../client/arguments.ts'
import { printJson, printTable } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger datanet list` */
export function listCommand(): Command {
  const command = new Command('list')
    .description('list Datanets, newest first')
    .option('--first <count>', 'most to list, 1 to 100', '20')
    .action((flags: SessionFlags & { first: string }) =>
      reading(flags, async (openledger) => {
        const { datanets } = await openledger.query(DATANETS, { first: wholeOf(flags.first, 1, 100) })
        if (flags.json) return printJson({ datanets: datanets.nodes })
        const rows = datanets.nodes.map(({ name, recordCount, contributorCount, licence, id }) => ({
          name: name.slice(0, 40),
          records: recordCount,
          contributors: contributorCount,
          licence: licence.slice(0, 40),
          id,
        }))
        printTable(rows, 'There is no Datanet yet: `openledger datanet create` makes one.')
      }),
    )
  return readsNetwork(command)
}
