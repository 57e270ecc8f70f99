import { Command } from 'commander'
import { idOf } from '../../client/arguments.ts'
import { saveExport } from '../../client/save-export.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger answer export <receipt> [file]` */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write where an answer comes from in W3C PROV-O, as JSON-LD')
    .argument('<receipt>', 'receipt hash of the answer')
    .argument('[file]', 'where to write; stdout if it is left out')
    .action((receipt: string, file: string | undefined, flags: SessionFlags) =>
      reading(flags, ({ network }) => saveExport(network, `answers/${idOf(receipt)}/prov.jsonld`, file)),
    )
  return readsNetwork(command)
}
