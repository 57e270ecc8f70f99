import {
  EpochManifest,
  HIGH_SENTINEL,
  lowSentinel,
  MerkleTree,
  parseManifest,
  readRewardWord,
} from '@openledger/protocol'
import { contractOf } from '@openledger/sdk'
import { readChecked } from '../api/content.ts'
import { readingSdk } from './openledger.ts'

export type RootFinding = { check: string; ok: boolean; why: string }

/**
 * Builds an epoch's tree again in this browser, from the manifest that the proposal names, and compares it with what the
 * contracts hold. It does not recompute influence: `openledger verify` does, from the chain and the content store.
 */
export async function verifyRoot({
  manifestCid,
  root,
  number,
}: {
  manifestCid: string
  root: string
  number: number
}): Promise<RootFinding[]> {
  const manifest = parseManifest(EpochManifest, await readChecked(manifestCid), 'epoch manifest')
  const { words } = manifest
  const amounts = words.slice(1, -1).map((word) => readRewardWord(word))
  const totalWei = amounts.reduce((sum, { cumulativeWei }) => sum + cumulativeWei, 0n)
  const isAscending = words.every((word, place) => place === 0 || words[place - 1]! < word)
  const computed = new MerkleTree(words).root
  const { network, provider } = await readingSdk()
  const opensAt: bigint = await contractOf(network, 'RewardDistributor', provider).opensAt!(root)
  return [
    { check: 'The manifest is what its CID names', ok: true, why: manifestCid },
    {
      check: 'The tree is salted with its epoch and closed by sentinels',
      ok: words[0] === lowSentinel(number) && words.at(-1) === HIGH_SENTINEL,
      why: `epoch ${number}, ${amounts.length} accounts`,
    },
    {
      check: 'Each account stands once, in order',
      ok: isAscending,
      why: isAscending
        ? 'strictly ascending'
        : `out of order at leaf ${words.findIndex((word, place) => place > 0 && words[place - 1]! >= word)}`,
    },
    {
      check: 'The leaves add up to the stated total',
      ok: totalWei === BigInt(manifest.totalWei),
      why: `${totalWei} wei`,
    },
    { check: 'The Merkle root computed here is the proposed one', ok: computed === root, why: computed },
    {
      check: 'The contract that pays knows this root',
      ok: opensAt > 0n,
      why: opensAt > 0n ? `it pays from ${new Date(Number(opensAt) * 1000).toISOString()} on` : 'it does not pay by it',
    },
  ]
}
