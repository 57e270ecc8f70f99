import { Command, Option } from 'commander'
import { idOf } from '../../client/arguments.ts'
import { saveExport } from '../../client/save-export.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

const FILES = {
  croissant: 'croissant.json',
  records: 'records.jsonl',
  card: 'README.md',
  car: 'datanet.car',
} as const

/** `openledger datanet export <datanet> [file]` */
export function exportCommand(): Command {
  const command = new Command('export')
    .description(
      'write a Datanet as others read it: Croissant 1.1, JSON lines, a Hugging Face card, a CAR of all content',
    )
    .argument('<datanet>', 'id of the Datanet')
    .argument('[file]', 'where to write; stdout if it is left out')
    .addOption(new Option('--format <format>', 'form').choices(Object.keys(FILES)).default('croissant'))
    .action((text: string, file: string | undefined, flags: SessionFlags & { format: keyof typeof FILES }) =>
      reading(flags, ({ network }) => saveExport(network, `datanets/${idOf(text)}/${FILES[flags.format]}`, file)),
    )
  return readsNetwork(command)
}
