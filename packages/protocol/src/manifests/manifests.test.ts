import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../canonical-json.ts'
import { cidOf } from '../digest.ts'
import { ContributionManifest, encodeContribution } from './contribution.ts'
import { parseManifest } from './parse.ts'
import { address, integer, uint } from './primitives.ts'

const manifest: ContributionManifest = {
  kind: 'openledger/contribution@1',
  datanetId: `0x${'11'.repeat(32)}`,
  contributor: `0x${'22'.repeat(20)}`,
  licence: 'MIT',
  attribution: { name: 'Ada Lovelace' },
  records: [{ cid: cidOf(new Uint8Array([1])), sizeBytes: 1, mediaType: 'text/plain', title: 'note#1' }],
}

describe('manifests', () => {
  test('a manifest is read back as it was written', () => {
    expect(parseManifest(ContributionManifest, canonicalJson(manifest), 'contribution manifest')).toEqual(manifest)
  })

  test.each([
    ['an unknown kind', { ...manifest, kind: 'openledger/contribution@2' }],
    ['no record', { ...manifest, records: [] }],
    ['a record without content', { ...manifest, records: [{ ...manifest.records[0], sizeBytes: 0 }] }],
    [
      'a CID of another kind',
      { ...manifest, records: [{ ...manifest.records[0], cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG' }] },
    ],
    ['an account in another spelling', { ...manifest, contributor: `0x${'AB'.repeat(20)}` }],
  ])('a manifest with %s is refused, naming the place', (_, value) => {
    expect(() => parseManifest(ContributionManifest, canonicalJson(value), 'contribution manifest')).toThrow(
      expect.objectContaining({ code: 'manifest.malformed' }),
    )
  })

  test('a contribution that the index would not read is refused before it is paid for', () => {
    const many = (count: number, title: string) => {
      return { ...manifest, records: Array.from({ length: count }, () => ({ ...manifest.records[0]!, title })) }
    }
    expect(encodeContribution(manifest)).toEqual(canonicalJson(manifest))
    expect(encodeContribution(many(20_000, ''))).toHaveLength(canonicalJson(many(20_000, '')).length)
    expect(() => encodeContribution(many(8_000, 'x'.repeat(512)))).toThrow(
      expect.objectContaining({
        code: 'contribution.too_great',
        facts: expect.objectContaining({ maxBytes: 4_000_000 }),
      }),
    )
    expect(() => encodeContribution(many(20_001, ''))).toThrow(expect.objectContaining({ code: 'manifest.malformed' }))
  })

  test('bytes that are not UTF-8 JSON are refused', () => {
    expect(() => parseManifest(ContributionManifest, new Uint8Array([0xff, 0xfe]), 'contribution manifest')).toThrow(
      expect.objectContaining({ code: 'manifest.malformed' }),
    )
  })

  test.each([
    [uint(64), '18446744073709551616'],
    [uint(32), '-1'],
    [uint(32), '01'],
    [uint(128), '1e3'],
    [integer, '-0'],
    [address, `0x${'1'.repeat(39)}`],
  ])('case %#: a number or account out of form is refused', (schema, text) => {
    expect(schema.safeParse(text).success).toBe(false)
  })
})
