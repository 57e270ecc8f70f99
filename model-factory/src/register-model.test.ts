import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore } from '@openledger/content-store'
import { digestOf } from '@openledger/protocol'
import { type EventLog, Wallet, ZeroAddress } from 'ethers'
import { afterAll, describe, expect, it } from 'vitest'
import { publishExtractor } from './heads/extractor-base.ts'
import { DEFAULT_HEAD_RECIPES } from './heads/head-recipe.ts'
import { trainHead } from './heads/train-head.ts'
import { registerAdapter, registerBase, registerHead } from './register-model.ts'
import { sampleImages } from './samples/shapes.ts'
import { startRegistryChain } from './testing/registry-chain.ts'

const digest = (text: string) => digestOf(new TextEncoder().encode(text))

describe('registering models', async () => {
  const chain = await startRegistryChain()
  const folder = mkdtempSync(join(tmpdir(), 'openledger-registering-'))
  afterAll(async () => {
    await chain.stop()
    rmSync(folder, { recursive: true })
  })
  const registry = { address: chain.address, signer: chain.signer }
  const owner = await chain.signer.getAddress()

  const datanetTerms = {
    name: 'texts',
    modality: 0,
    licenceFlags: 3,
    royaltyPpm: 0,
    licence: 'MIT',
    metadataDigest: digest('about'),
    curated: false,
  }
  const datanetId = await chain.contract.getFunction('datanetIdOf')(owner, datanetTerms)
  await (await chain.contract.getFunction('createDatanet').send(datanetTerms)).wait()
  const batch = [digest('m'), digest('r'), 2, 10, 'MIT']
  const contributed = await (await chain.contract.getFunction('contributeRecords').send(datanetId, ...batch)).wait()
  const asOfBlock = contributed!.blockNumber

  const base = { name: 'base', licence: 'Apache-2.0', licenceFlags: 3, royaltyPpm: 0, artefactDigest: digest('base') }
  const baseId = await registerBase(registry, base)
  const adapter = {
    name: 'adapter',
    licence: 'Apache-2.0',
    licenceFlags: 3,
    artefactDigest: digest('adapter'),
    trainingRoot: digest('root'),
    parents: [
      { id: baseId, asOfBlock: 0 },
      { id: datanetId as `0x${string}`, asOfBlock },
    ],
  }

  it('puts an adapter on chain under its base', async () => {
    const id = await registerAdapter(registry, adapter, { royaltyPpm: 0 })
    expect(await chain.contract.getFunction('baseOf')(id)).toBe(baseId)
    expect(await chain.contract.getFunction('ownerOf')(id)).toBe(owner)
    const [event] = await chain.contract.queryFilter(chain.contract.filters.ModelRegistered!(id))
    const args = (event as EventLog).args
    expect([args.artefactDigest, args.trainingRoot]).toEqual([adapter.artefactDigest, adapter.trainingRoot])
  })

  it('does it once, however often it is asked', async () => {
    const ids = [await registerAdapter(registry, adapter, { royaltyPpm: 0 }), await registerBase(registry, base)]
    expect(ids[1]).toBe(baseId)
    const events = await chain.contract.queryFilter(chain.contract.filters.ModelRegistered!())
    expect(events).toHaveLength(2)
  })

  it('puts a head on chain under the extractor that it stands on', async () => {
    const contentStore = new DiskContentStore(folder)
    const extractor = await publishExtractor(contentStore, 'image-head')
    const extractorId = await registerBase(registry, { ...extractor, licenceFlags: 3, royaltyPpm: 0 })
    const files = sampleImages(3)
    const images = [digest('images manifest'), digest('images'), files.length, 10, 'MIT']
    const receipt = await (await chain.contract.getFunction('contributeRecords').send(datanetId, ...images)).wait()
    const head = await trainHead({
      name: 'shapes',
      licence: 'MIT',
      licenceFlags: 3,
      base: { id: extractorId, licenceFlags: 3, artefactDigest: extractor.artefactDigest },
      datanets: [{ id: datanetId, version: 2, asOfBlock: receipt!.blockNumber, licenceFlags: 3 }],
      records: files.map(({ title, bytes }, order) => ({
        digest: digestOf(bytes),
        bytes,
        title,
        contributionId: `${datanetId}-2`,
        contributor: `0x${'11'.repeat(20)}`,
        order,
      })),
      recipe: DEFAULT_HEAD_RECIPES['image-head'],
      contentStore,
    })
    const id = await registerHead(registry, head, { royaltyPpm: 0 })
    expect(await chain.contract.getFunction('baseOf')(id)).toBe(extractorId)
    const registered = await chain.contract.getFunction('modelOf')(id)
    expect(registered.kind).toBe(3n)
    const [event] = await chain.contract.queryFilter(chain.contract.filters.ModelRegistered!(id))
    expect((event as EventLog).args.trainingRoot).toBe(head.trainingRoot)
  })

  it.each([
    ['whose base is a Datanet', { parents: [{ ...adapter.parents[1]!, asOfBlock: 0 }] }, 'LineageBaseMissing'],
    [
      'of a Datanet as of a block that is to come',
      { parents: [adapter.parents[0]!, { ...adapter.parents[1]!, asOfBlock: 1_000_000 }] },
      'LineageParentBlock',
    ],
    [
      'whose terms a licence forbids',
      { licenceFlags: 7, parents: [{ id: digest('none'), asOfBlock: 0 }] },
      'LineageBaseMissing',
    ],
  ])('an adapter %s is refused with the reason', async (_, change, reason) => {
    const registered = registerAdapter(
      registry,
      { ...adapter, ...change, artefactDigest: digest(reason) },
      { royaltyPpm: 0 },
    )
    await expect(registered).rejects.toThrow(
      expect.objectContaining({
        code: 'registry.refused',
        facts: expect.objectContaining({ reason: expect.stringContaining(reason) }),
      }),
    )
  })

  it('says so when the chain does not answer', async () => {
    const offline = { address: ZeroAddress, signer: Wallet.createRandom() }
    await expect(registerBase(offline, base)).rejects.toThrow(
      expect.objectContaining({ code: 'registry.unreachable', retryable: true }),
    )
  })
})
