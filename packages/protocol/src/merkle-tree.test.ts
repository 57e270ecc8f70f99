import { fc, test } from '@fast-check/vitest'
import { keccak256 } from 'ethers'
import { describe, expect } from 'vitest'
import { MerkleTree, rootFromProof } from './merkle-tree.ts'

const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)
const words = fc.array(word, { minLength: 1, maxLength: 40 })

describe('MerkleTree', () => {
  test('the root of one word is the hash of the word', () => {
    const only = `0x${'ab'.repeat(32)}`
    expect(new MerkleTree([only]).root).toBe(keccak256(only))
  })

  test('the root of two words is the hash of their leaves, left first', () => {
    const [a, b] = [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`] as const
    expect(new MerkleTree([a, b]).root).toBe(keccak256(keccak256(a) + keccak256(b).slice(2)))
  })

  test('three words are padded with a zero word', () => {
    const three = [1, 2, 3].map((n) => `0x${n.toString(16).padStart(64, '0')}`)
    expect(new MerkleTree(three).root).toBe(new MerkleTree([...three, `0x${'0'.repeat(64)}`]).root)
  })

  test.prop([words, fc.nat()])('every word of a tree is provable at its own index', (all, pick) => {
    const tree = new MerkleTree(all)
    const index = pick % all.length
    expect(rootFromProof(all[index]!, index, tree.proof(index))).toBe(tree.root)
  })

  test.prop([fc.uniqueArray(word, { minLength: 2, maxLength: 20 }), fc.nat(), fc.nat()])(
    'a word is not provable at another word’s index',
    (all, a, b) => {
      const tree = new MerkleTree(all)
      const [from, to] = [a % all.length, b % all.length]
      fc.pre(from !== to)
      expect(rootFromProof(all[from]!, to, tree.proof(to))).not.toBe(tree.root)
    },
  )

  test('an index beyond the tree leads to no root', () => {
    const tree = new MerkleTree([`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`])
    expect(rootFromProof(`0x${'01'.repeat(32)}`, 2, tree.proof(0))).toBeNull()
    expect(rootFromProof(`0x${'01'.repeat(32)}`, -1, tree.proof(0))).toBeNull()
  })

  test('a tree of no words is refused', () => {
    expect(() => new MerkleTree([])).toThrow(expect.objectContaining({ code: 'merkle.empty' }))
  })

  test('a proof beyond the size is refused', () => {
    expect(() => new MerkleTree([`0x${'01'.repeat(32)}`]).proof(1)).toThrow(
      expect.objectContaining({ code: 'merkle.no_such_index' }),
    )
  })

  test('a word that is not 32 bytes is refused', () => {
    expect(() => new MerkleTree(['0x01'])).toThrow(expect.objectContaining({ code: 'digest.malformed' }))
  })
})
