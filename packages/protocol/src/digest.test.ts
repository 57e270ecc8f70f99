import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { cidOf, cidOfDigest, digestOf, digestOfCid } from './digest.ts'

describe('digests and CIDs', () => {
  test('the CID of known content is what IPFS gives it', () => {
    // `printf 'hello world' | ipfs add --cid-version=1 --raw-leaves`
    expect(cidOf(new TextEncoder().encode('hello world'))).toBe(
      'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e',
    )
  })

  test.prop([fc.uint8Array()])('a digest survives the way to a CID and back', (bytes) => {
    const digest = digestOf(bytes)
    expect(digestOfCid(cidOfDigest(digest))).toBe(digest)
  })

  test.each([
    'not a cid',
    'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG', // version 0
    'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', // dag-pb
    'BAFKREIFZJUT3TE2NHYEKKLSS27NH3K72YSCO7Y32KOAO5EEI66WOF36N5E', // another spelling
    '',
  ])('%s is refused as the CID of a record', (cid) => {
    expect(() => digestOfCid(cid)).toThrow(expect.objectContaining({ code: 'cid.malformed' }))
  })

  test.each(['0x', '0x00', `0x${'G'.repeat(64)}`, `0x${'AB'.repeat(32)}`])('%s is refused as a digest', (digest) => {
    expect(() => cidOfDigest(digest as `0x${string}`)).toThrow(expect.objectContaining({ code: 'digest.malformed' }))
  })
})
