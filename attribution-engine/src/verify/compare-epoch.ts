import type { EpochManifest } from '@openledger/protocol'
import { readRewardWord } from '@openledger/protocol'
import type { Proposal } from '../chain/read-proposals.ts'
import type { SettledBatch } from '../epochs/facts.ts'
import type { Findings } from './findings.ts'

/** Members that must equal the proposal's on chain. */
export function compareWithProposal(manifest: EpochManifest, proposal: Proposal, { report }: Findings.Open): void {
  const pairs: [string, string | number, string | number][] = [
    ['number', manifest.number, proposal.epoch],
    ['toBlock', manifest.toBlock, proposal.toBlock],
    ['blockHash', manifest.blockHash, proposal.blockHash],
    ['engineHash', manifest.engineHash, proposal.engineHash],
    ['root', manifest.root, proposal.root],
    ['totalWei', manifest.totalWei, proposal.totalWei.toString()],
  ]
  for (const [member, published, onChain] of pairs) {
    if (published === onChain) continue
    report('verify.manifest_differs', 'The manifest says something else than the proposal on chain.', {
      member,
      published,
      onChain,
    })
  }
}

/** Compares the published pools with those that settlements and receipts give. */
export function comparePools(
  published: EpochManifest,
  expected: readonly { receiptHash: string; poolWei: bigint }[],
  { report }: Findings.Open,
): void {
  const statedWei = new Map(published.answers.map(({ receiptHash, poolWei }) => [receiptHash as string, poolWei]))
  for (const { receiptHash, poolWei } of expected) {
    const stated = statedWei.get(receiptHash)
    statedWei.delete(receiptHash)
    if (stated === undefined) {
      report('verify.answer_missing', 'A settled answer of an attributable model is not paid.', {
        receiptHash,
        poolWei,
      })
    } else if (BigInt(stated) !== poolWei) {
      report('verify.pool_differs', 'An answer’s pool is not its part of what was settled.', {
        receiptHash,
        stated,
        computed: poolWei,
      })
    }
  }
  for (const receiptHash of statedWei.keys()) {
    report('verify.answer_unexpected', 'An answer is paid that was not settled in this epoch, or is paid twice.', {
      receiptHash,
    })
  }
  if (new Set(published.answers.map(({ receiptHash }) => receiptHash)).size === published.answers.length) return
  report('verify.answer_unexpected', 'An answer is paid twice.', { answers: published.answers.length })
}

/** The batches that the manifest says it covers must be those that were anchored. */
export function compareBatches(
  published: EpochManifest,
  batches: readonly SettledBatch[],
  { report }: Findings.Open,
): void {
  const stated = published.batches.map(({ node, batch, receiptsDigest }) => `${node} ${batch} ${receiptsDigest}`)
  const anchored = batches.map(({ node, number, receiptsDigest }) => `${node} ${number} ${receiptsDigest}`)
  const at = firstDifference(stated, anchored)
  if (at === null) return
  report('verify.batch_differs', 'The manifest lists other batches than were anchored.', {
    place: at,
    stated: stated[at] ?? null,
    anchored: anchored[at] ?? null,
  })
}

/** Compares shares one by one. */
export function compareShares(published: EpochManifest, computed: EpochManifest, { report }: Findings.Open): void {
  const shares = (manifest: EpochManifest) =>
    manifest.answers.flatMap(({ receiptHash, shares, reserveWei }) => [
      ...shares.map((share) => `${receiptHash} ${share.canonical} ${share.account} ${share.amountWei}`),
      `${receiptHash} reserve ${reserveWei}`,
    ])
  const [stated, expected] = [shares(published), shares(computed)]
  const at = firstDifference(stated, expected)
  if (at !== null) {
    report('verify.share_differs', 'A share is not what its evidence gives.', {
      place: at,
      stated: stated[at] ?? null,
      computed: expected[at] ?? null,
    })
  }
  const members = ['reserveAccount', 'reserveWei', 'fromBlock', 'parent', 'engineHash'] as const
  for (const member of members) {
    if (published[member] === computed[member]) continue
    report(member.startsWith('reserve') ? 'verify.reserve_differs' : 'verify.manifest_differs', `Another ${member}.`, {
      member,
      stated: published[member],
      computed: computed[member],
    })
  }
}

/** Names the first leaf that differs. */
export function compareLeaves(published: EpochManifest, computed: EpochManifest, { report }: Findings.Open): void {
  const at = firstDifference(published.words, computed.words)
  if (at === null) return
  const [stated, expected] = [published.words[at], computed.words[at]]
  report('verify.leaf_differs', 'A leaf of the tree is not what the shares sum to.', {
    index: at,
    stated: stated === undefined ? null : describe(stated),
    computed: expected === undefined ? null : describe(expected),
  })
}

function firstDifference(stated: readonly string[], expected: readonly string[]): number | null {
  for (let index = 0; index < Math.max(stated.length, expected.length); index++) {
    if (stated[index] !== expected[index]) return index
  }
  return null
}

function describe(word: string): string {
  const { account, cumulativeWei } = readRewardWord(word)
  return `${account}: ${cumulativeWei} wei`
}
