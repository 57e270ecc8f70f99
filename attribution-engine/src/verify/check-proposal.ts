import { RewardTree } from '@openledger/commitment'
import type { ContentStore } from '@openledger/content-store'
import { cidOfDigest, EpochManifest, parseManifest } from '@openledger/protocol'
import type { Provider } from 'ethers'
import type { Proposal } from '../chain/read-proposals.ts'
import type { BuildEpoch } from '../epochs/build-epoch.ts'
import { ENGINE_HASH } from '../epochs/engine-hash.ts'
import { compareWithProposal } from './compare-epoch.ts'
import type { Findings } from './findings.ts'

/** @returns the manifest, when it can be read */
export async function checkProposal(
  proposal: Proposal,
  provider: Provider,
  content: Pick<ContentStore, 'get'>,
  findings: Findings,
): Promise<EpochManifest | null> {
  await findings.check('the block is on the chain and final', async ({ facts, report }) => {
    const block = await provider.getBlock(proposal.toBlock)
    const finalized = await provider.getBlock('finalized')
    const about = { toBlock: proposal.toBlock, finalizedBlock: finalized?.number ?? null }
    Object.assign(facts, about)
    if (block?.hash !== proposal.blockHash) {
      report('verify.block_hash_differs', 'The epoch ends at a block that is not on this chain.', {
        proposed: proposal.blockHash,
        onChain: block?.hash ?? null,
      })
    }
    if ((finalized?.number ?? 0) < proposal.toBlock) {
      report('verify.block_not_final', 'The epoch ends at a block that can still be reorganised away.', about)
    }
  })
  await findings.check('the rule is known', ({ facts, report }) => {
    facts.engineHash = proposal.engineHash
    if (proposal.engineHash === ENGINE_HASH) return
    report('verify.engine_hash_differs', 'The epoch was computed by another rule than this program knows.', {
      proposed: proposal.engineHash,
      known: ENGINE_HASH,
    })
  })
  return findings.check('the manifest says what the proposal says', async (open) => {
    const manifest = await readManifest(proposal, content)
    compareWithProposal(manifest, proposal, open)
    return manifest
  })
}

/** @returns what the epoch is built upon: null for the first epoch; undefined when it cannot be trusted */
export async function checkParent(
  parent: Proposal | null,
  content: Pick<ContentStore, 'get'>,
  findings: Findings,
): Promise<BuildEpoch.Previous | null | undefined> {
  if (parent === null) return null
  const previous = await findings.check('the parent’s words lead to its root', async ({ facts, report }) => {
    const tree = RewardTree.fromWords((await readManifest(parent, content)).words)
    Object.assign(facts, { parent: parent.epoch, root: parent.root })
    if (tree.root === parent.root) return { manifest: cidOfDigest(parent.dataDigest), amounts: tree.amounts() }
    report('verify.parent_differs', 'The parent’s published words do not lead to its root on chain.', {
      parent: parent.epoch,
      onChain: parent.root,
      computed: tree.root,
    })
    return undefined
  })
  return previous ?? undefined
}

async function readManifest(proposal: Proposal, content: Pick<ContentStore, 'get'>): Promise<EpochManifest> {
  return parseManifest(EpochManifest, await content.get(cidOfDigest(proposal.dataDigest)), 'epoch manifest')
}
