import { digestOf, type FeaturesManifest } from '@openledger/protocol'
import { describe, expect, test } from 'vitest'
import { readAnswerFeatures } from '../influence/answer-features.ts'
import { contributorsOf, influenceOf } from '../influence/influence-of.ts'
import { MemoryContentStore } from '../testing/memory-content-store.ts'
import { loadFeatures, writeScales } from './load-features.ts'

const digest = (name: string) => digestOf(new TextEncoder().encode(name))
const content = new MemoryContentStore()
const PARAMETERS = 10

/** Two records, two seeds; `change` spoils it. */
async function publish(change: (manifest: FeaturesManifest) => void = () => {}): Promise<string> {
  const manifest: FeaturesManifest = {
    kind: 'openledger/features@1',
    modelId: digest('model'),
    training: await content.putJson('training'),
    parameters: PARAMETERS,
    records: [digest('one'), digest('two')],
    layers: [1, 2].map((seed) => ({ seed, checkpoint: 'initial', signs: '', scales: '', scaleExponent: -20 })),
    method: { name: 'test' },
  }
  for (const layer of manifest.layers) {
    layer.signs = await content.put(Uint8Array.of(1, 2, 3, 1))
    layer.scales = await content.put(writeScales(Int32Array.of(70_000, 2 ** 24 - 1)))
  }
  change(manifest)
  return content.putJson(manifest)
}

const refusal = (cid: string) => expect(loadFeatures(content, cid)).rejects

describe('published features', () => {
  test('come back as they were written', async () => {
    const { features } = await loadFeatures(content, await publish())
    expect(features.layers.map(({ seed, signs, scales }) => [seed, [...signs], [...scales]])).toEqual(
      [1, 2].map((seed) => [seed, [1, 2, 3, 1], [70_000, 2 ** 24 - 1]]),
    )
  })

  test.each([
    ['signs', Uint8Array.of(1, 2, 3)],
    ['signs', Uint8Array.of(1, 2, 3, 1, 0)],
    ['scales', new Uint8Array(7)],
    ['scales', new Uint8Array(12)],
  ] as const)('%s of another length are refused', async (file, bytes) => {
    const cid = await content.put(bytes)
    const manifest = await publish(({ layers }) => {
      layers[1]![file] = cid
    })
    await refusal(manifest).toMatchObject({ code: 'features.file_length', facts: { cid, length: bytes.length } })
  })

  test('another number of parameters than the files have is refused', async () => {
    await refusal(
      await publish((manifest) => {
        manifest.parameters = 17
      }),
    ).toMatchObject({ code: 'features.file_length' })
  })

  test.each([-1, 2 ** 24])('a scale of %d is refused', async (scale) => {
    const cid = await content.put(writeScales(Int32Array.of(1, scale)))
    const manifest = await publish(({ layers }) => {
      layers[0]!.scales = cid
    })
    await refusal(manifest).toMatchObject({ code: 'features.scale_out_of_range', facts: { row: 1, scale } })
  })

  test('exponents too far apart are refused', async () => {
    await refusal(
      await publish(({ layers }) => {
        layers[0]!.scaleExponent = 45
      }),
    ).toMatchObject({ code: 'features.scale_out_of_range' })
  })

  test('a record or a layer that stands twice is refused', async () => {
    await refusal(
      await publish((manifest) => {
        manifest.records[1] = manifest.records[0]!
      }),
    ).toMatchObject({ code: 'features.duplicate' })
    await refusal(
      await publish(({ layers }) => {
        layers[1]!.seed = layers[0]!.seed
      }),
    ).toMatchObject({ code: 'features.duplicate' })
  })

  test('a missing file and a malformed manifest are refused', async () => {
    const missing = await content.put(Uint8Array.of(9))
    const manifest = await publish(({ layers }) => {
      layers[0]!.signs = missing
    })
    await content.without(missing, () => refusal(manifest).toMatchObject({ code: 'content.missing' }))
    await refusal(await content.putJson({ kind: 'openledger/features@1' })).toMatchObject({
      code: 'manifest.malformed',
    })
  })
})

describe('answer features', () => {
  test('of another length than layers and parameters give are refused', () => {
    expect(() => readAnswerFeatures(new Uint8Array(19), 2, PARAMETERS)).toThrowError(
      expect.objectContaining({ code: 'influence.answer_features_length' }),
    )
    expect([...readAnswerFeatures(Uint8Array.of(255, 128, 127), 1, 3)]).toEqual([-1, -128, 127])
  })

  test('against features with a record that was not trained on are refused', async () => {
    const { features } = await loadFeatures(content, await publish())
    const answer = new Int8Array(2 * PARAMETERS).fill(1)
    const training = { records: [] } as unknown as Parameters<typeof contributorsOf>[0]
    expect(() => influenceOf(features, answer, contributorsOf(training))).toThrowError(
      expect.objectContaining({ code: 'influence.unknown_record' }),
    )
  })
})
