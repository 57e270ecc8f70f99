import { reproduce } from '@openledger/model-factory'
import { digestOfCid } from '@openledger/protocol'
import { readContent } from '@openledger/sdk'
import { Command } from 'commander'
import { findModel } from '../../client/find-model.ts'
import { note, printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger model reproduce <model>`: trains it again from its manifest, and compares every byte. */
export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .description('train a model again from its manifest and records, and compare the bytes; exit 1 where they differ')
    .argument('<model>', 'id, or name of one of the newest 100')
    .action((text: string, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const model = await findModel(openledger, text)
        const base = await findModel(openledger, model.base?.id ?? model.id)
        const content = { get: (cid: string) => readContent(openledger.network, cid) }
        const { engine, files, isSame } = await reproduce(
          content,
          digestOfCid(model.artefactCid),
          digestOfCid(base.artefactCid),
          (progress) => {
            if (progress.kind === 'validated') {
              note(`seed ${progress.seed}, ${progress.checkpoint}: validation loss ${progress.loss.toFixed(3)}`)
            }
          },
        )
        if (flags.json) printJson({ model: model.id, isSame, files, engine })
        else {
          for (const { name, published, again } of files)
            note(`${published === again ? 'same' : 'DIFFERS'}  ${name}  ${again}`)
          printFacts({ model: model.id, same: isSame, files: files.length, platform: engine.here.platform! })
        }
        if (!isSame) process.exitCode = 1
      }),
    )
  return readsNetwork(command)
}
