import { ADAPTER_FILES, baseModelFiles } from '@openledger/language-model'
import { cidOfDigest, ModelManifest, OpenLedgerError, parseManifest } from '@openledger/protocol'
import type { ModelFiles } from '../engine/messages.ts'
import type { RegisteredModel } from './model-directory.ts'

/** Largest file of an adapter: far above any LoRA of a base that this engine serves. */
const MAX_ADAPTER_FILE_BYTES = 256 * 1024 * 1024

/**
 * Fetches the files that a registered model consists of. Every byte is what the chain names: the manifest by its digest,
 * the files by their CIDs in it. Files that nobody asks for are not fetched, so nothing but safetensors is ever read.
 *
 * @throws model.manifest_mismatch when the manifest speaks of another model than the chain; model.file_missing,
 *   adapter.too_large, and what the content store throws
 */
export async function fetchModelFiles(
  model: RegisteredModel,
  content: { get(cid: string): Promise<Uint8Array> },
): Promise<ModelFiles> {
  const manifest = parseManifest(
    ModelManifest,
    await content.get(cidOfDigest(model.artefactDigest)),
    `manifest of the model ${model.name}`,
  )
  const base = model.kind === 'base' ? null : model.base
  if (manifest.modelKind !== model.kind || manifest.base !== base) {
    throw new OpenLedgerError('model.manifest_mismatch', 'The manifest describes another model than the chain.', {
      facts: { model: model.id, kind: manifest.modelKind, base: manifest.base, onChain: `${model.kind} on ${base}` },
      nextStep: 'Register the model again, with the manifest that belongs to it.',
    })
  }
  const names = model.kind === 'base' ? baseModelFiles(Object.keys(manifest.files)) : ADAPTER_FILES
  const files: Record<string, Uint8Array> = {}
  for (const name of names) {
    const cid = manifest.files[name]
    if (cid === undefined) {
      throw new OpenLedgerError('model.file_missing', 'The model lacks a file that it needs.', {
        facts: { model: model.id, file: name },
        nextStep: 'Publish and register the model again with all of its files.',
      })
    }
    const bytes = await content.get(cid)
    if (model.kind === 'adapter' && bytes.length > MAX_ADAPTER_FILE_BYTES) {
      throw new OpenLedgerError('adapter.too_large', 'The adapter is larger than this node takes.', {
        facts: { model: model.id, file: name, bytes: bytes.length, limit: MAX_ADAPTER_FILE_BYTES },
        nextStep: 'Train an adapter of a lower rank.',
      })
    }
    files[name] = bytes
  }
  return files
}
