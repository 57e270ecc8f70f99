import { digestOf } from '@openledger/protocol'
import { type EventLog, Wallet, ZeroAddress } from 'ethers'
import { afterAll, describe, expect, it } from 'vitest'
import { registerAdapter, registerBase } from './register-model.ts'
import { startRegistryChain } from './testing/registry-chain.ts'

const digest = (text: string) => digestOf(new TextEncoder().encode(text))

describe('registering models', async () => {
  const chain = await startRegistryChain()
  afterAll(() => chain.stop())
  const registry = { address: chain.address, signer: chain.signer }
  const owner = await chain.signer.getAddress()

  const datanetTerms = {
    name: 'texts',
    modality: 0,
    licenceFlags: 3,
    royaltyPpm: 0,
    licence: 'MIT',
    metadataDigest: digest('about'),
  }
  const datanetId = await chain.contract.getFunction('datanetIdOf')(owner, datanetTerms)
  await (await chain.contract.getFunction('createDatanet').send(datanetTerms)).wait()
  const batch = { manifestDigest: digest('m'), recordRoot: digest('r'), recordCount: 2, sizeBytes: 10, licence: 'MIT' }
  await (await chain.contract.getFunction('contribute').send(datanetId, batch)).wait()

  const base = { name: 'base', licence: 'Apache-2.0', licenceFlags: 3, royaltyPpm: 0, artefactDigest: digest('base') }
  const baseId = await registerBase(registry, base)
  const adapter = {
    name: 'adapter',
    licence: 'Apache-2.0',
    licenceFlags: 3,
    artefactDigest: digest('adapter'),
    trainingRoot: digest('root'),
    parents: [
      { id: baseId, version: 0 },
      { id: datanetId as `0x${string}`, version: 1 },
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

  it.each([
    ['whose base is a Datanet', { parents: [{ ...adapter.parents[1]!, version: 0 }] }, 'LineageBaseMissing'],
    [
      'of a Datanet version that is not there',
      { parents: [adapter.parents[0]!, { ...adapter.parents[1]!, version: 2 }] },
      'LineageParentVersion',
    ],
    [
      'whose terms a licence forbids',
      { licenceFlags: 7, parents: [{ id: digest('none'), version: 0 }] },
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
