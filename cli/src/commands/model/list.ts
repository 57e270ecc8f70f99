import { MODELS } from '@openledger/sdk'
import { Command } from 'commander'
import { wholeOf } from '../../client/arguments.ts'
import { plain, printJson, printTable } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger model list` */
export function listCommand(): Command {
  const command = new Command('list')
    .description('list models, newest first')
    .option('--first <count>', 'most to list, 1 to 100', '20')
    .action((flags: SessionFlags & { first: string }) =>
      reading(flags, async (openledger) => {
        const { models } = await openledger.query(MODELS, { first: wholeOf(flags.first, 1, 100) })
        if (flags.json) return printJson({ models: models.nodes })
        const rows = models.nodes.map(({ id, kind, name, licence, datanets }) => ({
          name: plain(name).slice(0, 30),
          kind,
          'trained on':
            datanets
              .map(({ datanet }) => plain(datanet.name))
              .join(', ')
              .slice(0, 40) || '-',
          licence: plain(licence).slice(0, 30),
          id,
        }))
        printTable(rows, 'There is no model yet.')
      }),
    )
  return readsNetwork(command)
}
