import { createPrivateKey } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type GgufTokenizer,
  mergeAdapter,
  openAdapter,
  openBaseModel,
  type ReadModelFile,
  writeGguf,
} from '@openledger/language-model'
import { billOfMaterials, type PublishedModel, provenanceOf, signStatement } from '@openledger/model-factory'
import {
  digestOfCid,
  HeadTrainingManifest,
  ModelManifest,
  OpenLedgerError,
  parseManifest,
  TrainingManifest,
} from '@openledger/protocol'
import { type ModelRow, type OpenLedger, readContent } from '@openledger/sdk'
import { Command, Option } from 'commander'
import { findModel } from '../../client/find-model.ts'
import { note, printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

type Flags = SessionFlags & { format: 'peft' | 'gguf'; signKey?: string }

/** `openledger model export <model> <folder>`: every file is checked against its CID. */
export function exportCommand(): Command {
  const command = new Command('export')
    .description('write a model’s files, its bill of materials and its provenance')
    .argument('<model>', 'id, or name of one of the newest 100')
    .argument('<folder>', 'where to write; made if it is not there')
    .addOption(
      new Option(
        '--format <format>',
        'peft: the files as published (a base as a Hugging Face folder, a head as its own); gguf: one file for llama.cpp, an adapter merged into its base',
      )
        .choices(['peft', 'gguf'])
        .default('peft'),
    )
    .option('--sign-key <file>', 'Ed25519 private key in PEM: signs the provenance (DSSE)')
    .action((text: string, folder: string, flags: Flags) =>
      reading(flags, async (openledger) => {
        const model = await findModel(openledger, text)
        const published = await readPublished(openledger, model)
        const place = resolve(folder)
        await mkdir(place, { recursive: true })
        const names: string[] = []
        const write = async (name: string, bytes: Uint8Array | string) => {
          await writeFile(join(place, name), bytes)
          names.push(name)
          note(name)
        }
        if (flags.format === 'gguf') await write(`${model.id}.gguf`, await ggufOf(openledger, model, published))
        else {
          for (const [name, cid] of Object.entries(published.manifest.files)) {
            await write(name, await readContent(openledger.network, cid))
          }
        }
        await write('bom.cdx.json', `${JSON.stringify(billOfMaterials(published), null, 2)}\n`)
        const statement = provenanceOf(published)
        if (flags.signKey === undefined) await write('provenance.json', `${JSON.stringify(statement, null, 2)}\n`)
        else {
          const key = createPrivateKey(await readFile(flags.signKey))
          await write('provenance.dsse.json', `${JSON.stringify(signStatement(statement, key), null, 2)}\n`)
        }
        const facts = { model: model.id, folder: place, format: flags.format, files: names.length }
        if (flags.json) printJson({ ...facts, files: published.manifest.files, written: names })
        else printFacts(facts)
      }),
    )
  return readsNetwork(command)
}

async function readPublished({ network }: OpenLedger, { artefactCid }: ModelRow): Promise<PublishedModel> {
  const manifest = parseManifest(ModelManifest, await readContent(network, artefactCid), 'model manifest')
  const artefactDigest = digestOfCid(artefactCid)
  if (manifest.training === null) return { manifest, artefactDigest, training: null }
  const schema = manifest.modelKind === 'head' ? HeadTrainingManifest : TrainingManifest
  const bytes = await readContent(network, manifest.training)
  return { manifest, artefactDigest, training: parseManifest(schema, bytes, 'training manifest') }
}

async function ggufOf(openledger: OpenLedger, model: ModelRow, { manifest }: PublishedModel): Promise<Uint8Array> {
  if (manifest.modelKind === 'head' || 'extractor.json' in manifest.files) {
    throw new OpenLedgerError('export.format_unfit', 'Only language models are written as GGUF.', {
      facts: { model: model.id, modelKind: manifest.modelKind },
      nextStep: 'Leave --format out: its files are written as they were published.',
    })
  }
  const readOf =
    (files: ModelManifest['files']): ReadModelFile =>
    (name) =>
      readContent(openledger.network, files[name]!)
  const isAdapter = manifest.modelKind === 'adapter'
  const base = isAdapter
    ? (await readPublished(openledger, await findModel(openledger, manifest.base!))).manifest
    : manifest
  const { config, weights, tokenizer } = await openBaseModel(readOf(base.files), Object.keys(base.files))
  const adapter = isAdapter ? await openAdapter(config, readOf(manifest.files)) : undefined
  const tokenizerJson = JSON.parse(new TextDecoder().decode(await readOf(base.files)('tokenizer.json')))
  return writeGguf(
    { config, weights: adapter === undefined ? weights : mergeAdapter(config, weights, adapter) },
    {
      name: manifest.name,
      tokenizer: tokenizerJson as GgufTokenizer,
      bosId: tokenizer.bosId,
      eosId: tokenizer.eosId,
    },
  )
}
