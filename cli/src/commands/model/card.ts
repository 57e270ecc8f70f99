import { Command } from 'commander'
import { findModel } from '../../client/find-model.ts'
import { saveExport } from '../../client/save-export.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger model card <model> [file]` */
export function cardCommand(): Command {
  const command = new Command('card')
    .description('write a model’s lineage and evaluations as a Hugging Face model card')
    .argument('<model>', 'id, or name of one of the newest 100')
    .argument('[file]', 'where to write; stdout if it is left out')
    .action((text: string, file: string | undefined, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const model = await findModel(openledger, text)
        await saveExport(openledger.network, `models/${model.id}/README.md`, file)
      }),
    )
  return readsNetwork(command)
}
