import { digestOfCid, type ModelManifest, OpenLedgerError } from '@openledger/protocol'
import { ZeroHash } from 'ethers'
import { afterEach, describe, expect, test } from 'vitest'
import { MemoryContentStore } from '../testing/memory-content-store.ts'
import { FeaturesKeeper } from './features-keeper.ts'

const id = (n: number) => `0x${n.toString(16).padStart(64, '0')}` as const

let keeper: FeaturesKeeper

afterEach(() => keeper.stop())

/** A keeper over an index that shows one adapter without features; gives what it reports and how often it looked. */
async function keep(options: { published: string; training: string | null }) {
  const contentStore = new MemoryContentStore()
  const manifest: ModelManifest = {
    kind: 'openledger/model@1',
    modelKind: 'adapter',
    name: 'an adapter',
    base: id(1),
    licence: 'MIT',
    files: {},
    training: options.training,
  }
  const artefactDigest = digestOfCid(await contentStore.putJson(manifest))
  const seen = { looks: 0, errors: [] as unknown[] }
  keeper = new FeaturesKeeper({
    lineage: {
      query: async <Row>() => {
        seen.looks += 1
        return [{ id: id(2), artefactDigest, baseDigest: id(3) }] as Row[]
      },
    },
    contentStore,
    registry: { featuresOf: async () => options.published } as never,
    signer: {} as never,
    log: { info: () => {}, warn: () => {}, error: (_, error) => seen.errors.push(error) },
    everyMs: 1,
  })
  keeper.start()
  while (seen.looks < 5) await new Promise((done) => setTimeout(done, 5))
  return seen
}

describe('FeaturesKeeper', () => {
  test('leaves an adapter alone whose features are on chain before the index shows them', async () => {
    expect((await keep({ published: id(9), training: null })).errors).toEqual([])
  })

  test('reports an adapter without a training manifest once and goes on', async () => {
    const { errors } = await keep({ published: ZeroHash, training: null })
    expect(errors).toHaveLength(1)
    expect(errors[0]).toMatchObject({ code: 'features.no_training' })
  })

  test('tries again as long as the base model’s manifest may still come', async () => {
    const training = 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
    const { errors } = await keep({ published: ZeroHash, training })
    expect(errors.length).toBeGreaterThan(1)
    for (const error of errors) {
      expect(error).toBeInstanceOf(OpenLedgerError)
      expect(error).toMatchObject({ code: 'content.missing', retryable: true })
    }
  })
})
