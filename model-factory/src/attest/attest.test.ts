import { generateKeyPairSync } from 'node:crypto'
import { createRequire } from 'node:module'
import { cidOfDigest, digestOf } from '@openledger/protocol'
import { describe, expect, it } from 'vitest'
import { billOfMaterials } from './bill-of-materials.ts'
import { type Envelope, openEnvelope, preAuthenticated, signStatement } from './dsse.ts'
import { type PublishedModel, provenanceOf } from './provenance.ts'

const digest = (text: string) => digestOf(new TextEncoder().encode(text))
const record = (name: string, split: 'train' | 'validation') => ({
  digest: digest(name),
  contributionId: `0x${'d1'.repeat(32)}-1`,
  contributor: `0x${'11'.repeat(20)}` as const,
  split,
  label: 'ring',
})
const model: PublishedModel = {
  artefactDigest: digest('model'),
  manifest: {
    kind: 'openledger/model@1',
    modelKind: 'head',
    name: 'shapes',
    base: digest('base'),
    licence: 'MIT OR Apache-2.0',
    files: { 'model.safetensors': cidOfDigest(digest('weights')), 'README.md': cidOfDigest(digest('card')) },
    training: cidOfDigest(digest('training')),
  },
  training: {
    kind: 'openledger/head-training@1',
    base: digest('base'),
    datanets: [{ id: `0x${'d1'.repeat(32)}`, version: 3, asOfBlock: 30 }],
    clusters: cidOfDigest(digest('clusters')),
    recipe: {
      kind: 'image-head',
      label: 'folder',
      textColumn: 'text',
      labelColumn: 'label',
      ridge: 0.001,
      validationShare: 0.2,
    },
    extractor: 'openledger/image-hog@1',
    classes: ['ring', 'square'],
    records: [record('a', 'train'), record('b', 'validation')],
    features: cidOfDigest(digest('features')),
    metrics: { lossBefore: 1, lossAfter: 0.1, accuracy: 0.9, gradientNorm: 1e-9, seconds: 1 },
    engine: { node: 'v24' },
  },
}

describe('a signed statement', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const statement = provenanceOf(model)
  const envelope = signStatement(statement, privateKey)
  const changed = (change: Partial<Envelope>): Envelope => ({ ...envelope, ...change })

  it('comes out as it was signed, and names every file and record', () => {
    expect(openEnvelope(envelope, publicKey)).toEqual(statement)
    expect(statement.subject.map(({ name }) => name)).toEqual(['model manifest', 'model.safetensors', 'README.md'])
    const digests = statement.predicate.buildDefinition.resolvedDependencies.map((one) => one.digest.sha256)
    for (const made of ['base', 'training', 'a', 'b']) expect(digests).toContain(digest(made).slice(2))
  })

  it('is signed over the encoding that DSSE prescribes', () => {
    // The example of the protocol's text.
    const encoded = preAuthenticated('http://example.com/HelloWorld', Buffer.from('hello world'))
    expect(encoded.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
  })

  it.each<[string, Envelope]>([
    ['whose payload was changed', changed({ payload: Buffer.from('{}').toString('base64') })],
    ['of another type', changed({ payloadType: 'application/json' })],
    ['nobody signed', changed({ signatures: [] })],
    ['with a broken signature', changed({ signatures: [{ ...envelope.signatures[0]!, sig: 'AAAA' }] })],
  ])('%s is refused', (_, spoilt) => {
    expect(() => openEnvelope(spoilt, publicKey)).toThrow(expect.objectContaining({ code: 'provenance.invalid' }))
  })

  it('of another key is refused, and a key of another kind does not sign', () => {
    const other = generateKeyPairSync('ed25519')
    expect(() => openEnvelope(envelope, other.publicKey)).toThrow(
      expect.objectContaining({ code: 'provenance.invalid' }),
    )
    const wrong = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    expect(() => signStatement(statement, wrong.privateKey)).toThrow(
      expect.objectContaining({ code: 'provenance.invalid' }),
    )
  })
})

describe('a bill of materials', () => {
  const bill = billOfMaterials(model)

  it('is what the schema of CycloneDX 1.6 asks for, and the schema refuses what is not', async () => {
    const { Spec, Validation } = createRequire(import.meta.url)('@cyclonedx/cyclonedx-library')
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    expect(await validator.validate(JSON.stringify(bill))).toBeNull()
    const wrong = { ...bill, components: [{ type: 'model', name: 'x' }] }
    expect(await validator.validate(JSON.stringify(wrong))).not.toBeNull()
  })

  it('is the same for the same model', () => {
    expect(billOfMaterials(model)).toEqual(bill)
    expect(billOfMaterials({ ...model, artefactDigest: digest('other') }).serialNumber).not.toBe(bill.serialNumber)
  })

  it('of a model that was not trained on Datanets has no data', () => {
    const bare = billOfMaterials({
      ...model,
      training: null,
      manifest: { ...model.manifest, base: null, training: null },
    })
    expect((bare.components as { type: string }[]).map(({ type }) => type)).toEqual(['file', 'file'])
  })
})
