import type { ContentStore } from '@openledger/content-store'
import {
  canonicalJson,
  cidOf,
  cidOfDigest,
  type Deployment,
  inferenceDomain,
  OpenLedgerError,
} from '@openledger/protocol'
import { JsonRpcProvider } from 'ethers'
import { ChainFacts } from '../chain/chain-facts.ts'
import { type Contracts, connectContracts } from '../chain/contracts.ts'
import { type ChainEvent, readEvents } from '../chain/read-events.ts'
import { type Proposal, readProposals } from '../chain/read-proposals.ts'
import { buildEpoch, contributorsWei } from '../epochs/build-epoch.ts'
import type { EpochFacts } from '../epochs/facts.ts'
import { type EpochAnswers, readAnswers } from '../epochs/read-answers.ts'
import { checkEvidence, checkModels } from './check-evidence.ts'
import { checkParent, checkProposal } from './check-proposal.ts'
import { checkReceipts, checkSettlements } from './check-receipts.ts'
import { checkSamples, type Gradients, type Replay, sampleOf } from './check-samples.ts'
import { compareBatches, compareLeaves, comparePools, compareShares } from './compare-epoch.ts'
import { type Check, Findings, type Mismatch } from './findings.ts'

/**
 * Recomputes an epoch from the chain's logs and the content store alone: no index, no database, no word of the engine.
 *
 * Recomputed to the last bit: receipts' roots, hashes, signatures and order; pools; integer scores from the published
 * gradients; shares; leaves; the root. Recomputed for a sample: answers (by asking the model again) and their gradients
 * (within a tolerance). Taken as given: training features, once their records, contributors and commitments hold, and the
 * amounts of the parent epoch, whose root is live.
 *
 * @returns everything that was checked and everything that differs, the first first; it throws only when the chain cannot
 * be read or there is no such epoch (epoch.unknown)
 */
export async function verifyEpoch(options: VerifyEpoch.Options): Promise<VerifyEpoch.Report> {
  const provider = new JsonRpcProvider(options.rpcUrl, undefined, { staticNetwork: true, cacheTimeout: -1 })
  try {
    return await verify(options, provider)
  } finally {
    provider.destroy()
  }
}

export declare namespace VerifyEpoch {
  type Options = {
    rpcUrl: string
    deployment: Deployment
    contentStore: Pick<ContentStore, 'get'>
    /** Number, or the newest that was proposed. */
    epoch: number | 'latest'
    /** How many answers are computed again, chosen at random; 3 unless told. */
    sample?: number
    /** Computes an answer again; answers are not replayed without it. */
    replay?: Replay
    /** Computes an answer's gradients again; they are taken as published without it. */
    gradients?: Gradients
  }
  type Report = {
    epoch: number
    root: `0x${string}`
    /** CID of the manifest that the proposal names. */
    manifest: string
    /** Whether the root that follows from chain and content is the one on chain. */
    reproducedRoot: boolean
    checks: readonly Check[]
    answers: { paid: number; replayed: number; gradientsRecomputed: number }
    /** In the order of the checks: the first is the one to look at first. */
    mismatches: readonly Mismatch[]
  }
}

async function verify(options: VerifyEpoch.Options, provider: JsonRpcProvider): Promise<VerifyEpoch.Report> {
  const { deployment, contentStore } = options
  const findings = new Findings()
  const events = await readEvents(provider, deployment, deployment.startBlock, await provider.getBlockNumber())
  const proposals = readProposals(events)
  const proposal = choose(proposals, options.epoch)
  const report: VerifyEpoch.Report = {
    epoch: proposal.epoch,
    root: proposal.root,
    manifest: cidOfDigest(proposal.dataDigest),
    reproducedRoot: false,
    checks: findings.checks,
    answers: { paid: 0, replayed: 0, gradientsRecomputed: 0 },
    mismatches: findings.mismatches,
  }
  const manifest = await checkProposal(proposal, provider, contentStore, findings)
  if (manifest === null) return report
  report.answers.paid = manifest.answers.length

  const parent = proposals.get(proposal.parent) ?? null
  const previous = await checkParent(parent, contentStore, findings)
  const fromBlock = parent === null ? deployment.startBlock : parent.toBlock + 1
  const contracts = connectContracts(deployment, provider)
  const { facts, answers } = await checkSettled(proposal, fromBlock, events, contracts, options, findings)
  if (answers === null || previous === undefined) return report
  await findings.check('every paid answer has its part of the settlements', (open) => {
    compareBatches(manifest, facts.batches, open)
    comparePools(manifest, answers.answers, open)
  })

  const models = await checkModels(answers.answers, events, contentStore, findings)
  const evidence = await checkEvidence(manifest, answers.answers, models, contentStore, findings)
  const sample = sampleOf(answers.answers, options.sample ?? 3)
  Object.assign(report.answers, await checkSamples(sample, options, evidence, models, contentStore, findings))

  const rebuilt = await findings.check('shares, leaves and root follow from facts and evidence', async (open) => {
    const computed = await buildEpoch({
      facts,
      evidenceFor: async ({ receiptHash }) => evidence.get(receiptHash) ?? Promise.reject(noEvidence(receiptHash)),
      contentStore: { get: (cid) => contentStore.get(cid), putJson: async (value) => cidOf(canonicalJson(value)) },
      domain: domainOf(deployment),
      number: proposal.epoch,
      fromBlock,
      toBlock: proposal.toBlock,
      blockHash: proposal.blockHash,
      reserveAccount: String(await contracts.escrow.TREASURY!()).toLowerCase() as `0x${string}`,
      previous,
    })
    compareShares(manifest, computed.manifest, open)
    compareLeaves(manifest, computed.manifest, open)
    Object.assign(open.facts, { root: computed.manifest.root, leaves: computed.manifest.words.length })
    if (computed.manifest.root !== proposal.root) {
      open.report('verify.root_differs', 'The root on chain is not the one that everything leads to.', {
        onChain: proposal.root,
        computed: computed.manifest.root,
      })
    }
    return computed
  })
  return { ...report, reproducedRoot: rebuilt?.manifest.root === proposal.root }
}

/** What was settled in the epoch, and for which answers; `answers` is null when receipts cannot be had. */
async function checkSettled(
  proposal: Proposal,
  fromBlock: number,
  events: readonly ChainEvent[],
  contracts: Contracts,
  { deployment, contentStore }: VerifyEpoch.Options,
  findings: Findings,
): Promise<{ facts: EpochFacts; answers: EpochAnswers | null }> {
  const chain = new ChainFacts(events)
  const facts = await chain.read(fromBlock, proposal.toBlock)
  const earlier = await chain.read(deployment.startBlock, fromBlock - 1)
  await findings.check('settlements sum to what the root promises', async (open) => {
    checkSettlements(facts.batches, contributorsWei(earlier), contributorsWei(facts), proposal.totalWei, open)
    const fundedWei = (await contracts.distributor.funded!()) as bigint
    if (fundedWei >= proposal.totalWei) return
    open.report('verify.underfunded', 'The root promises more than the vault was ever given.', {
      promisedWei: proposal.totalWei,
      fundedWei,
    })
  })
  const answers = await findings.check('receipts are what was anchored, signed and paid', async (open) => {
    const found = await readAnswers(facts, contentStore, domainOf(deployment))
    checkReceipts(found.readings, open)
    return found
  })
  return { facts, answers }
}

function choose(proposals: ReadonlyMap<number, Proposal>, epoch: number | 'latest'): Proposal {
  const proposal = proposals.get(epoch === 'latest' ? Math.max(...proposals.keys()) : epoch)
  if (proposal !== undefined) return proposal
  throw new OpenLedgerError('epoch.unknown', 'No root was proposed for this epoch.', {
    facts: { epoch, proposed: proposals.size },
    nextStep: 'Give the number of a proposed epoch, or wait until the engine closes the first one.',
  })
}

function domainOf({ chainId, contracts }: Deployment) {
  return inferenceDomain(chainId, contracts.InferenceEscrow!.address)
}

function noEvidence(receiptHash: string): OpenLedgerError {
  return new OpenLedgerError('verify.not_recomputed', 'Without its evidence an answer’s shares cannot be computed.', {
    facts: { receiptHash },
    nextStep: 'Look at the mismatches before this one.',
  })
}
