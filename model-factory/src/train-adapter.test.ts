import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore } from '@openledger/content-store'
import { openAdapter, readPeftWeights } from '@openledger/language-model'
import {
  ClustersManifest,
  cidOfDigest,
  digestOfCid,
  MerkleTree,
  ModelManifest,
  parseManifest,
  TrainingManifest,
} from '@openledger/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_RECIPE, loraOf, type Recipe } from './recipe.ts'
import { DATANET, recordsOf, sampleTexts } from './testing/records.ts'
import { putTinyBase, TINY } from './testing/tiny-base.ts'
import { trainAdapter } from './train-adapter.ts'

const folder = mkdtempSync(join(tmpdir(), 'openledger-training-'))
const contentStore = new DiskContentStore(folder)
afterAll(() => rmSync(folder, { recursive: true }))

const recipe: Recipe = {
  ...DEFAULT_RECIPE,
  rank: 2,
  epochs: 3,
  learningRate: 0.02,
  contextTokens: 40,
  seeds: [7, 8],
  validationShare: 0.2,
}

async function request(change: Partial<trainAdapter.Request> = {}): Promise<trainAdapter.Request> {
  const artefactDigest = await putTinyBase(contentStore)
  return {
    name: 'tiny adapter',
    licence: 'Apache-2.0',
    licenceFlags: 3,
    base: { id: `0x${'ba'.repeat(32)}`, licenceFlags: 3, artefactDigest },
    datanets: [DATANET],
    records: recordsOf(sampleTexts(24)),
    recipe,
    contentStore,
    ...change,
  }
}

it('learns completions of JSON rows, by templates over their columns', async () => {
  const rows = Array.from({ length: 24 }, (_, i) =>
    JSON.stringify({ question: `what is ${i} of ${'abcdefgh'[i % 8]}?`, answer: `it is ${'xyz'[i % 3]}${i}` }),
  )
  const instruct = {
    ...recipe,
    promptTemplate: '{question}\n',
    completionTemplate: '{answer}',
    dropout: 0.1,
    isPacked: true,
  }
  const { metrics, training } = await trainAdapter(await request({ records: recordsOf(rows), recipe: instruct }))
  expect(training.recipe).toMatchObject({ promptTemplate: '{question}\n', completionTemplate: '{answer}' })
  expect(metrics.lossAfter).toBeLessThan(metrics.lossBefore)
  // The completions alone are counted: "it is x12" and an end are at most ten tokens each.
  expect(metrics.trainTokens).toBeLessThanOrEqual(24 * 10 * recipe.epochs)
  const plain = trainAdapter(await request({ recipe: instruct }))
  await expect(plain).rejects.toMatchObject({ code: 'model.row_invalid' })
})

describe('a trained adapter', () => {
  let result: trainAdapter.Result
  const progress: trainAdapter.Progress[] = []
  let ticks = 0
  beforeAll(async () => {
    const clock = setInterval(() => ticks++, 5)
    result = await trainAdapter(await request(), (step) => progress.push(step))
    clearInterval(clock)
  })
  const fetch = (cid: string) => contentStore.get(cid)

  it('predicts what it was not trained on better than its base', () => {
    expect(result.metrics.lossAfter).toBeLessThan(result.metrics.lossBefore - 0.1)
  })

  it('has PEFT files that its manifest names, with the bits of the first seed at its end', async () => {
    const manifest = parseManifest(ModelManifest, await fetch(cidOfDigest(result.artefactDigest)), 'model manifest')
    expect(manifest).toMatchObject({ modelKind: 'adapter', base: `0x${'ba'.repeat(32)}`, training: result.trainingCid })
    const { lora, weights } = await openAdapter(TINY, (name) => fetch(manifest.files[name]!))
    expect(lora).toEqual(loraOf(recipe))
    const final = result.training.checkpoints.find(({ seed, name }) => seed === 7 && name === 'final')!
    expect(readPeftWeights(TINY, lora, await fetch(final.cid))).toEqual(weights)
    expect(weights).toHaveLength(result.parameters)
  })

  it('has four checkpoints for each seed, all different', async () => {
    const training = parseManifest(TrainingManifest, await fetch(result.trainingCid), 'training manifest')
    const names = ['initial', 'epoch-1', 'epoch-2', 'final']
    expect(training.checkpoints.map(({ seed, name }) => [seed, name])).toEqual([
      ...names.map((name) => [7, name]),
      ...names.map((name) => [8, name]),
    ])
    expect(new Set(training.checkpoints.map(({ cid }) => cid)).size).toBe(8)
  })

  it('commits to the records that it was trained on, in the order of the manifest', async () => {
    const { clusters, records } = result.training
    const trained = records.filter(({ split }) => split === 'train').map(({ digest }) => digest)
    expect(result.trainingRoot).toBe(new MerkleTree(trained).root)
    expect(records).toHaveLength(24)
    const manifest = parseManifest(ClustersManifest, await fetch(clusters), 'clusters manifest')
    expect(manifest.clusters.map(({ canonical }) => canonical)).toEqual(records.map(({ digest }) => digest))
  })

  it('names its base first and then its Datanets as parents', () => {
    expect(result.parents).toEqual([
      { id: `0x${'ba'.repeat(32)}`, asOfBlock: 0 },
      { id: DATANET.id, asOfBlock: DATANET.asOfBlock },
    ])
  })

  it('reports each step of each seed, and leaves the event loop to its caller', () => {
    const steps = progress.flatMap((step) => (step.kind === 'step' ? [`${step.seed}:${step.step}/${step.steps}`] : []))
    expect(steps.toSorted()).toEqual(
      [7, 8].flatMap((seed) => steps.filter((one) => one.startsWith(`${seed}:`)).toSorted()),
    )
    expect(new Set(steps).size).toBe(steps.length)
    expect(progress.at(-1)).toEqual({ kind: 'stored', artefactDigest: result.artefactDigest })
    expect(ticks).toBeGreaterThan(5)
  })

  it('comes out with the same bytes again', async () => {
    const again = await trainAdapter(await request())
    expect(again.training.checkpoints).toEqual(result.training.checkpoints)
    expect(again.trainingRoot).toBe(result.trainingRoot)
  })
})

describe('training is refused', () => {
  it.each<[string, Partial<trainAdapter.Request>, string]>([
    ['on an empty Datanet', { records: [] }, 'training.no_records'],
    ['on one record', { records: recordsOf(sampleTexts(1)) }, 'training.too_few_records'],
    [
      'where a licence forbids it',
      { licenceFlags: 3, datanets: [{ ...DATANET, licenceFlags: 1 }] },
      'training.licence_incompatible',
    ],
    ['with a recipe that cannot work', { recipe: { ...recipe, contextTokens: 49 } }, 'training.recipe_invalid'],
  ])('%s', async (_, change, code) => {
    await expect(trainAdapter(await request(change))).rejects.toThrow(expect.objectContaining({ code }))
  })

  it('on a model that is no base', async () => {
    const adapter = {
      kind: 'openledger/model@1',
      modelKind: 'adapter',
      name: 'some adapter',
      base: null,
      licence: 'MIT',
      files: {},
      training: null,
    }
    const artefactDigest = digestOfCid(await contentStore.putJson(adapter))
    const base = { id: `0x${'ba'.repeat(32)}` as const, licenceFlags: 3, artefactDigest }
    await expect(trainAdapter(await request({ base }))).rejects.toThrow(
      expect.objectContaining({ code: 'training.base_mismatch' }),
    )
  })

  it('when the loss is no number any more', async () => {
    // So large that the first gradient is infinite. A base with infinite weights would not even be opened.
    await expect(trainAdapter(await request({ recipe: { ...recipe, alpha: 1e38 } }))).rejects.toThrow(
      expect.objectContaining({ code: 'training.diverged' }),
    )
  })

  it('once it is cancelled, without storing an adapter', async () => {
    const stop = new AbortController()
    const kinds: string[] = []
    const training = trainAdapter(await request({ signal: stop.signal }), ({ kind }) => {
      kinds.push(kind)
      if (kind === 'step') stop.abort()
    })
    await expect(training).rejects.toThrow(expect.objectContaining({ code: 'training.cancelled' }))
    expect(kinds).not.toContain('stored')
  })
})
