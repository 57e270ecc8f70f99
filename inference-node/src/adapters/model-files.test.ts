import { cidOf, digestOf, type ModelManifest, OpenLedgerError } from '@openledger/protocol'
import { describe, expect, it } from 'vitest'
import { tinyAdapterFiles } from '../testing/tiny-files.ts'
import type { RegisteredModel } from './model-directory.ts'
import { fetchModelFiles } from './model-files.ts'

const base = `0x${'b'.repeat(64)}` as const

/** Content by CID, checked by nobody: the real stores' own tests hold that they check. */
function published(change: (manifest: ModelManifest) => object = (manifest) => manifest) {
  const blobs = new Map<string, Uint8Array>()
  const put = (bytes: Uint8Array) => {
    blobs.set(cidOf(bytes), bytes)
    return cidOf(bytes)
  }
  const files = Object.fromEntries(Object.entries(tinyAdapterFiles(1)).map(([name, bytes]) => [name, put(bytes)]))
  const manifest: ModelManifest = {
    kind: 'openledger/model@1',
    modelKind: 'adapter',
    name: 'a',
    base,
    licence: 'MIT',
    files: { ...files, 'pytorch_model.bin': put(Uint8Array.of(0x80, 2)) },
    training: null,
  }
  const bytes = new TextEncoder().encode(JSON.stringify(change(manifest)))
  put(bytes)
  const asked: string[] = []
  const content = {
    get: async (cid: string) => {
      asked.push(cid)
      const found = blobs.get(cid)
      if (found === undefined) throw new OpenLedgerError('content.missing', 'missing', { nextStep: 'put it' })
      return found
    },
  }
  const model: RegisteredModel = {
    id: `0x${'a'.repeat(64)}`,
    kind: 'adapter',
    name: 'a',
    version: 1,
    artefactDigest: digestOf(bytes),
    base,
    owner: `0x${'1'.repeat(40)}`,
    licence: 'MIT',
    block: 1,
  }
  return { asked, content, model, manifest }
}

describe('fetchModelFiles', () => {
  it('fetches the files that an adapter needs, and no others: no pickle is ever read', async () => {
    const { asked, content, manifest, model } = published()
    expect(Object.keys(await fetchModelFiles(model, content)).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
    ])
    expect(asked).not.toContain(manifest.files['pytorch_model.bin'])
  })

  it.each([
    ['another base', (manifest: ModelManifest) => ({ ...manifest, base: `0x${'c'.repeat(64)}` })],
    ['another kind', (manifest: ModelManifest) => ({ ...manifest, modelKind: 'base', base: null })],
  ])('refuses a manifest that speaks of %s', async (_, change) => {
    const { content, model } = published(change)
    await expect(fetchModelFiles(model, content)).rejects.toMatchObject({ code: 'model.manifest_mismatch' })
  })

  it('refuses a manifest without a file that is needed, or that is none', async () => {
    const without = published((manifest) => ({ ...manifest, files: {} }))
    await expect(fetchModelFiles(without.model, without.content)).rejects.toMatchObject({ code: 'model.file_missing' })
    const path = published((manifest) => ({
      ...manifest,
      files: { '../../key': manifest.files['adapter_config.json'] },
    }))
    await expect(fetchModelFiles(path.model, path.content)).rejects.toMatchObject({ code: 'manifest.malformed' })
  })

  it('says when the content is not there', async () => {
    const { content, model } = published()
    const elsewhere = { ...model, artefactDigest: `0x${'d'.repeat(64)}` as const }
    await expect(fetchModelFiles(elsewhere, content)).rejects.toMatchObject({ code: 'content.missing' })
  })
})
