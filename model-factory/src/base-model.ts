/** Base models in the content store: the shipped one is put there, and any is opened from there by its manifest. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentStore } from '@openledger/content-store'
import { type BaseModel, baseModelFiles, openBaseModel, type Tokenizer } from '@openledger/language-model'
import { cidOfDigest, type Digest, digestOfCid, ModelManifest, parseManifest } from '@openledger/protocol'
import { TrainingError } from './error.ts'

/** Folder of the base model that is shipped with this package. */
export const SHIPPED_BASE = join(import.meta.dirname, '../base-model/files')

/** Name and licence under which the shipped base is registered. */
export const SHIPPED_BASE_TERMS = { name: 'openledger-base-3m', licence: 'Apache-2.0' } as const

const CARD_AND_DEFAULTS = ['README.md', 'generation_config.json'] as const

/**
 * Puts a base model's files and its manifest into the content store.
 *
 * @param folder with the files of language-model's `baseModelFiles`, generation_config.json and README.md; opened once
 *   before anything is put, so that a broken one is refused
 * @returns the digest under which the model is registered: its manifest's
 */
export async function publishBaseModel(
  contentStore: ContentStore,
  terms: { name: string; licence: string } = SHIPPED_BASE_TERMS,
  folder: string = SHIPPED_BASE,
): Promise<Digest> {
  const read = (name: string): Promise<Uint8Array> => readFile(join(folder, name))
  const names = await readdir(folder)
  await openBaseModel(read, names)
  const files: Record<string, string> = {}
  for (const name of new Set([...baseModelFiles(names), ...CARD_AND_DEFAULTS]))
    files[name] = await contentStore.put(await read(name))
  const manifest: ModelManifest = {
    kind: 'openledger/model@1',
    modelKind: 'base',
    name: terms.name,
    base: null,
    licence: terms.licence,
    files,
    training: null,
  }
  return digestOfCid(await contentStore.putJson(manifest))
}

/**
 * Opens a base model by the digest that the chain knows it by.
 *
 * @throws {TrainingError} `training.base_mismatch` if the digest is that of an adapter, or a file is missing; or what the
 *   content store and the readers of its files throw
 */
export async function fetchBaseModel(
  contentStore: ContentStore,
  artefactDigest: Digest,
): Promise<BaseModel & { tokenizer: Tokenizer }> {
  const bytes = await contentStore.get(cidOfDigest(artefactDigest))
  const manifest = parseManifest(ModelManifest, bytes, 'model manifest')
  if (manifest.modelKind !== 'base') throw mismatch(manifest.name, 'it is an adapter')
  return openBaseModel((name) => {
    const cid = manifest.files[name]
    if (cid === undefined) throw mismatch(manifest.name, `it has no ${name}`)
    return contentStore.get(cid)
  }, Object.keys(manifest.files))
}

function mismatch(name: string, why: string): TrainingError {
  return new TrainingError('training.base_mismatch', `This is no base model that can be trained on: ${why}.`, {
    facts: { model: name },
    nextStep: 'Choose a registered base model.',
  })
}
