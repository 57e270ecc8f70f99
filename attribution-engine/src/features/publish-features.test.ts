import { digestOf } from '@openledger/protocol'
import { ZeroHash } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DevChain } from '../testing/dev-chain.ts'
import { publishFeatures } from './publish-features.ts'

const digest = (name: string) => digestOf(new TextEncoder().encode(name))
const features = digest('features')
let chain: DevChain
let modelId: `0x${string}`

beforeAll(async () => {
  chain = await DevChain.start()
  const { registry } = chain.as('owner')
  const terms = {
    kind: 1n,
    name: 'base',
    licenceFlags: 3n,
    royaltyPpm: 0n,
    licence: 'Apache-2.0',
    artefactDigest: digest('artefact'),
    trainingRoot: ZeroHash,
    parents: [],
  }
  modelId = await registry.registerModel!.staticCall(terms)
  await (await registry.registerModel!(terms)).wait()
})
afterAll(() => chain.stop())

describe('publishing features', () => {
  test('by an account that is no attester is refused', async () => {
    const { registry } = chain.as('ada')
    await expect(publishFeatures(registry, chain.wallets.ada, modelId, features)).rejects.toThrow()
    expect(await registry.featuresOf!(modelId)).toBe(ZeroHash)
  })

  test('happens once: again changes nothing, others are refused', async () => {
    const { registry } = chain.as('attester')
    const { attester } = chain.wallets
    expect((await publishFeatures(registry, attester, modelId, features))?.status).toBe(1)
    expect(await registry.featuresOf!(modelId)).toBe(features)
    const nonce = await attester.getNonce()
    expect(await publishFeatures(registry, attester, modelId, features)).toBeNull()
    await expect(publishFeatures(registry, attester, modelId, digest('other'))).rejects.toMatchObject({
      code: 'features.published_differently',
      facts: { published: features },
    })
    expect(await attester.getNonce()).toBe(nonce)
  })
})
