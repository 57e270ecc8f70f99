import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ModelManifest, parseManifest } from '@openledger/protocol'
import { readContent } from '@openledger/sdk'
import { Command } from 'commander'
import { findModel } from '../../client/find-model.ts'
import { note, printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger model export <model> <folder>`: every file is checked against its CID. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write a model’s files: an adapter as a PEFT folder, a base as a Hugging Face folder')
    .argument('<model>', 'id, or name of one of the newest 100')
    .argument('<folder>', 'where to write; made if it is not there')
    .action((text: string, folder: string, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const { network } = openledger
        const model = await findModel(openledger, text)
        const bytes = await readContent(network, model.artefactCid)
        const { files } = parseManifest(ModelManifest, bytes, 'model manifest')
        const place = resolve(folder)
        await mkdir(place, { recursive: true })
        for (const [name, cid] of Object.entries(files)) {
          await writeFile(join(place, name), await readContent(network, cid))
          note(`${name}  ${cid}`)
        }
        const facts = { model: model.id, folder: place, files: Object.keys(files).length }
        if (flags.json) printJson({ ...facts, files })
        else printFacts(facts)
      }),
    )
  return readsNetwork(command)
}
