import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore } from '@openledger/content-store'
import { readSafetensors } from '@openledger/language-model'
import { digestOf, type HeadRecipe, HeadTrainingManifest, MerkleTree, parseManifest } from '@openledger/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { type SampleFile, sampleImages } from '../samples/shapes.ts'
import { sampleSounds } from '../samples/sounds.ts'
import { DATANET } from '../testing/records.ts'
import { openHead } from './head-files.ts'
import { DEFAULT_HEAD_RECIPES } from './head-recipe.ts'
import type { MediaRecord } from './label-records.ts'
import { trainHead } from './train-head.ts'

const folder = mkdtempSync(join(tmpdir(), 'openledger-heads-'))
const contentStore = new DiskContentStore(folder)
afterAll(() => rmSync(folder, { recursive: true }))

const recordsOf = (files: readonly Pick<SampleFile, 'title' | 'bytes'>[]): MediaRecord[] =>
  files.map(({ title, bytes }, order) => ({
    digest: digestOf(bytes),
    bytes,
    title,
    contributionId: `${DATANET.id}-${1 + (order % 3)}`,
    contributor: `0x${String(1 + (order % 3)).padStart(40, '0')}`,
    order,
  }))

const request = (recipe: HeadRecipe, records: MediaRecord[]): trainHead.Request => ({
  name: 'tiny head',
  licence: 'Apache-2.0',
  licenceFlags: 3,
  base: { id: `0x${'ba'.repeat(32)}`, licenceFlags: 3, artefactDigest: `0x${'be'.repeat(32)}` },
  datanets: [DATANET],
  records,
  recipe,
  contentStore,
})

const rows = (): { title: string; bytes: Uint8Array }[] =>
  Array.from({ length: 24 }, (_, i) => {
    const isCode = i % 2 === 0
    const text = isCode
      ? `const value${i * 37} = await open(${'path'.repeat(1 + (i % 3))}${i})`
      : `The ${['river', 'meadow', 'harbour'][i % 3]} was quiet on the ${i}th morning of a ${['long', 'mild'][i % 2]} spring.`
    return {
      title: `row ${i}`,
      bytes: new TextEncoder().encode(JSON.stringify({ text, label: isCode ? 'code' : 'prose' })),
    }
  })

describe.each([
  ['image-head', () => sampleImages(14), 0.9],
  ['audio-head', () => sampleSounds(10), 0.9],
  ['text-head', rows, 0.99],
] as const)('an %s', (kind, files, accuracy) => {
  const recipe = DEFAULT_HEAD_RECIPES[kind]
  const records = recordsOf(files())

  it('learns to tell its classes apart on records that it did not see', async () => {
    const { metrics } = await trainHead(request(recipe, records))
    expect(metrics.accuracy).toBeGreaterThanOrEqual(accuracy)
    expect(metrics.lossAfter).toBeLessThan(metrics.lossBefore / 2)
    expect(metrics.gradientNorm).toBeLessThanOrEqual(1e-8)
  })

  it('is the same bytes when it is trained again, with all that its lineage needs', async () => {
    const [once, again] = [await trainHead(request(recipe, records)), await trainHead(request(recipe, records))]
    expect(again.files).toEqual(once.files)
    const bytes = await contentStore.get(once.trainingCid)
    const training = parseManifest(HeadTrainingManifest, bytes, 'training manifest')
    const trained = training.records.filter(({ split }) => split === 'train').map(({ digest }) => digest)
    expect(new MerkleTree(trained).root).toBe(once.trainingRoot)
    const { tensors } = readSafetensors(await contentStore.get(training.features))
    expect(tensors.get('features')!.shape[0]).toBe(training.records.length)
    expect(once.parents.map(({ id }) => id)).toEqual([training.base, DATANET.id])
  })

  it('can be opened and asked', async () => {
    const { files: stored } = await trainHead(request(recipe, records))
    const head = await openHead((name) => contentStore.get(stored[name]!))
    const content = kind === 'text-head' ? new TextEncoder().encode('const a = open(b)') : records[0]!.bytes
    const { label, probabilities } = head.classify(content)
    expect(label).toBe(kind === 'text-head' ? 'code' : records[0]!.title.split('/')[0])
    expect(Object.values(probabilities).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
  })
})

describe('training a head refuses', () => {
  const recipe = DEFAULT_HEAD_RECIPES['image-head']
  const images = recordsOf(sampleImages(3))

  it.each<[string, Partial<trainHead.Request>, string]>([
    ['nothing to train on', { records: [] }, 'training.no_records'],
    ['one record', { records: images.slice(0, 1) }, 'training.too_few_records'],
    ['one class', { records: images.filter(({ title }) => title.startsWith('ring')) }, 'training.too_few_classes'],
    ['a record without a label', { records: images.map((r) => ({ ...r, title: 'ring' })) }, 'training.label_missing'],
    [
      'a broken image',
      { records: [...images, { ...images[0]!, order: 99, digest: `0x${'00'.repeat(32)}`, bytes: new Uint8Array(9) }] },
      'training.record_invalid',
    ],
    ['a ridge of 0', { recipe: { ...recipe, ridge: 0 } }, 'training.recipe_invalid'],
    ['columns of images', { recipe: { ...recipe, label: 'column' } }, 'training.recipe_invalid'],
    ['a validation share of 0.9', { recipe: { ...recipe, validationShare: 0.9 } }, 'training.recipe_invalid'],
    [
      'a licence that forbids it',
      { licenceFlags: 3, datanets: [{ ...DATANET, licenceFlags: 0 }] },
      'training.licence_incompatible',
    ],
    ['what was cancelled', { signal: AbortSignal.abort() }, 'training.cancelled'],
  ])('%s', async (_, change, code) => {
    await expect(trainHead({ ...request(recipe, images), ...change })).rejects.toMatchObject({ code })
  })

  it('to count the same picture in two files twice', async () => {
    const copy = sampleImages(3)[0]!
    const again = {
      ...recordsOf([{ ...copy, title: 'circle/copy.png' }])[0]!,
      digest: `0x${'77'.repeat(32)}` as const,
      order: 50,
    }
    const { training } = await trainHead(request(recipe, [...images, again]))
    expect(training.records).toHaveLength(images.length)
  })

  it('a head whose files are not one', async () => {
    const read = async () => new TextEncoder().encode('{}')
    await expect(openHead(read)).rejects.toMatchObject({ code: 'training.head_invalid' })
  })
})
