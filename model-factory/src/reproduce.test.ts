import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore } from '@openledger/content-store'
import { cidOfDigest, digestOf, digestOfCid, ModelManifest, parseManifest } from '@openledger/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { DEFAULT_HEAD_RECIPES } from './heads/head-recipe.ts'
import { trainHead } from './heads/train-head.ts'
import { DEFAULT_RECIPE } from './recipe.ts'
import { reproduce } from './reproduce.ts'
import { sampleImages } from './samples/shapes.ts'
import { DATANET, recordsOf, sampleTexts } from './testing/records.ts'
import { putTinyBase } from './testing/tiny-base.ts'
import { trainAdapter } from './train-adapter.ts'

const folder = mkdtempSync(join(tmpdir(), 'openledger-reproducing-'))
const contentStore = new DiskContentStore(folder)
afterAll(() => rmSync(folder, { recursive: true }))
const terms = { licence: 'Apache-2.0', licenceFlags: 3, datanets: [DATANET], contentStore }
const base = { id: `0x${'ba'.repeat(32)}` as const, licenceFlags: 3 }

describe('a model trained again from its manifest', async () => {
  const baseDigest = await putTinyBase(contentStore)
  const texts = sampleTexts(16)
  for (const text of texts) await contentStore.put(new TextEncoder().encode(text))
  const recipe = { ...DEFAULT_RECIPE, rank: 2, contextTokens: 40, dropout: 0.1, isPacked: true }
  const request = { ...terms, name: 'again', base: { ...base, artefactDigest: baseDigest }, records: recordsOf(texts) }
  const adapter = await trainAdapter({ ...request, recipe })

  it('has the same bytes in every checkpoint of an adapter', async () => {
    const { files, isSame } = await reproduce(contentStore, adapter.artefactDigest, baseDigest)
    expect(files).toHaveLength(adapter.training.checkpoints.length)
    expect(files.every(({ published, again }) => published === again)).toBe(true)
    expect(isSame).toBe(true)
  })

  it('has others when the manifest names another seed', async () => {
    const training = { ...adapter.training, recipe: { ...recipe, learningRate: 0.011 } }
    const bytes = await contentStore.get(cidOfDigest(adapter.artefactDigest))
    const model = { ...parseManifest(ModelManifest, bytes, 'model'), training: await contentStore.putJson(training) }
    const digest = digestOfCid(await contentStore.putJson(model))
    expect((await reproduce(contentStore, digest, baseDigest)).isSame).toBe(false)
  })

  it('has the same bytes where it is a head', async () => {
    const records = []
    for (const [order, { bytes, title }] of sampleImages(4).entries()) {
      await contentStore.put(bytes)
      const contributor = `0x${'11'.repeat(20)}` as const
      records.push({ digest: digestOf(bytes), bytes, title, contributionId: `${DATANET.id}-1`, contributor, order })
    }
    const recipe = DEFAULT_HEAD_RECIPES['image-head']
    const head = await trainHead({
      ...terms,
      name: 'head',
      base: { ...base, artefactDigest: baseDigest },
      records,
      recipe,
    })
    const again = await reproduce(contentStore, head.artefactDigest, baseDigest)
    expect(again.files.map(({ name }) => name)).toEqual(['model.safetensors', 'features'])
    expect(again.isSame).toBe(true)
  })

  it('is refused where it was not trained on Datanets', async () => {
    await expect(reproduce(contentStore, baseDigest, baseDigest)).rejects.toMatchObject({
      code: 'training.not_reproducible',
    })
  })
})
