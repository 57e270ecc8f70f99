/** Merkle trees of rewards. Processor time, which other work on the machine disturbs least. Writes `bench/results/merkle.json`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RewardTree } from '@openledger/commitment'
import { MerkleTree, rewardWord, rootFromProof } from '@openledger/protocol'
import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import type { Figure } from '../figure.ts'
import { machineKind } from '../machine.ts'

const LARGE = 2 ** 20
const SMALL = 2 ** 14
const ROUNDS = 3
const RESULTS_FILE = join(import.meta.dirname, '../results/merkle.json')

export async function* measure(): AsyncIterable<Figure> {
  const figures = [...figuresOf()]
  const note =
    'The bar: a tree of 2^20 leaves in 5 CPU-seconds. `rewards` sorts and checks accounts before it builds the tree.'
  writeFileSync(RESULTS_FILE, `${JSON.stringify({ machine: machineKind(), note, figures }, null, 2)}\n`)
  yield* figures
}

function* figuresOf(): Iterable<Figure> {
  const words = Array.from({ length: LARGE }, (_, i) => rewardWord(account(i), BigInt(i + 1)))
  const small = words.slice(0, SMALL)
  const figure = (name: string, ours: number, peer: number | null, unit: string, n: number): Figure => {
    const ratio = peer === null ? null : round(peer / ours)
    return { bench: 'merkle', name, ours: round(ours), peer: peer === null ? null : round(peer), ratio, unit, n }
  }
  const tree = new MerkleTree(words)
  yield figure(
    'tree.2e20_cpu_s',
    fastest(() => new MerkleTree(words)),
    null,
    'cpu-s',
    LARGE,
  )
  const amounts = new Map(words.map((_, i) => [account(i), BigInt(i + 1)]))
  yield figure(
    'rewards.2e20_cpu_s',
    fastest(() => new RewardTree(amounts, 1)),
    null,
    'cpu-s',
    LARGE,
  )
  // The peer sorts its leaves by hash; the work is the same.
  const peer = fastest(() => SimpleMerkleTree.of(small))
  yield figure(
    'tree.2e14',
    fastest(() => new MerkleTree(small)),
    peer,
    'cpu-s',
    SMALL,
  )
  const proof = tree.proof(12_345)
  const proofs = 500
  const verify = fastest(() => {
    for (let i = 0; i < proofs; i++) if (rootFromProof(words[12_345]!, 12_345, proof) !== tree.root) throw new Error()
  })
  yield figure('verify.2e20_us', (verify / proofs) * 1e6, null, 'cpu-µs', proofs)
}

function account(i: number): string {
  return `0x${(i * 2_654_435_761 + 1).toString(16).padStart(40, '0')}`
}

/** @returns CPU-seconds of the quickest of a few rounds */
function fastest(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < ROUNDS; turn++) {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / 1e6)
  }
  return least
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}
