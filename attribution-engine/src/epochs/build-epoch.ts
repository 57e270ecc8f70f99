import { RewardTree } from '@openledger/commitment'
import type { ContentStore } from '@openledger/content-store'
import {
  canonicalJson,
  cidOf,
  cidOfDigest,
  type EpochManifest,
  type Evidence,
  OpenLedgerError,
  type PaidAnswer,
} from '@openledger/protocol'
import type { TypedDataDomain } from 'ethers'
import { shareOut } from '../shares/answer-shares.ts'
import { ENGINE_HASH } from './engine-hash.ts'
import type { EpochFacts } from './facts.ts'
import { type PayableAnswer, readAnswers } from './read-answers.ts'

/**
 * Computes an epoch: who is owed what, for which answer, because of which record. Deterministic: equal facts and evidence
 * give the same bytes, on any machine, in any order of reading.
 *
 * Each answer's pool goes to the clusters that shaped it; what cannot be traced, and the pool of an answer that nothing
 * shaped beyond doubt, goes to the reserve.
 *
 * @throws epoch.evidence_mismatch when evidence is about something else; epoch.sum_differs when wei were lost or made (which
 * would be a fault of this code, stopped before it is published); what `evidenceFor` and the content store throw
 */
export async function buildEpoch(input: BuildEpoch.Input): Promise<BuildEpoch.Epoch> {
  const { answers, untraceableWei } = await readAnswers(input.facts, input.contentStore, input.domain)
  const paid: PaidAnswer[] = []
  let reserveWei = untraceableWei
  for (const answer of answers) {
    const { receiptHash, poolWei } = answer
    const evidence = await input.evidenceFor(answer)
    refuseMismatch(evidence, answer)
    const { shares, reserveWei: restWei } = shareOut(poolWei, evidence.influence)
    reserveWei += restWei
    paid.push({
      receiptHash,
      poolWei: poolWei.toString(),
      evidence: await input.contentStore.putJson(evidence),
      reserveWei: restWei.toString(),
      shares: shares.map((share) => ({ ...share, amountWei: share.amountWei.toString() })),
    })
  }
  return commit(input, paid, reserveWei)
}

function commit(input: BuildEpoch.Input, answers: PaidAnswer[], reserveWei: bigint): BuildEpoch.Epoch {
  const amounts = new Map(input.previous?.amounts)
  const grant = (account: string, amountWei: bigint) => amounts.set(account, (amounts.get(account) ?? 0n) + amountWei)
  for (const { shares } of answers) for (const { account, amountWei } of shares) grant(account, BigInt(amountWei))
  grant(input.reserveAccount, reserveWei)
  const tree = new RewardTree(amounts, input.number)
  const owedWei = [...(input.previous?.amounts.values() ?? [])].reduce((sum, wei) => sum + wei, 0n)
  const settledWei = contributorsWei(input.facts)
  if (tree.totalWei !== owedWei + settledWei) {
    throw new OpenLedgerError('epoch.sum_differs', 'What the epoch promises is not what was settled.', {
      facts: { promisedWei: tree.totalWei, owedBeforeWei: owedWei, settledWei },
      nextStep: 'Do not propose it. Report this with the epoch manifest: it is a fault of the engine.',
    })
  }
  const manifest: EpochManifest = {
    kind: 'openledger/epoch@1',
    number: input.number,
    fromBlock: input.fromBlock,
    toBlock: input.toBlock,
    blockHash: input.blockHash,
    parent: input.previous?.manifest ?? null,
    engineHash: ENGINE_HASH,
    batches: input.facts.batches.map(({ node, number, receiptsDigest }) => ({
      node,
      batch: number.toString(),
      receiptsDigest,
    })),
    answers,
    reserveAccount: input.reserveAccount,
    reserveWei: reserveWei.toString(),
    words: [...tree.words],
    totalWei: tree.totalWei.toString(),
    root: tree.root,
  }
  return { manifest, cid: cidOf(canonicalJson(manifest)), tree }
}

/** What the payments of these facts gave to contributors: what an epoch over them pays out, no wei more or less. */
export function contributorsWei(facts: EpochFacts): bigint {
  return facts.batches.flatMap(({ payments }) => payments).reduce((sum, payment) => sum + payment.contributorsWei, 0n)
}

function refuseMismatch(evidence: Evidence, answer: PayableAnswer): void {
  const features = cidOfDigest(answer.features)
  const fits =
    evidence.receiptHash === answer.receiptHash && evidence.modelId === answer.modelId && evidence.features === features
  if (fits) return
  throw new OpenLedgerError('epoch.evidence_mismatch', 'The evidence is not about the answer that is to be paid.', {
    facts: {
      receiptHash: answer.receiptHash,
      evidenceReceipt: evidence.receiptHash,
      modelId: answer.modelId,
      evidenceModel: evidence.modelId,
      features,
      evidenceFeatures: evidence.features,
    },
    nextStep: 'Compute the evidence again with the features that are published on chain.',
  })
}

export declare namespace BuildEpoch {
  type Input = {
    facts: EpochFacts
    evidenceFor: (answer: PayableAnswer) => Promise<Evidence>
    contentStore: Pick<ContentStore, 'get' | 'putJson'>
    /** EIP-712 domain of receipts. */
    domain: TypedDataDomain
    /** What RootCourt will call the epoch. */
    number: number
    /** Both included. */
    fromBlock: number
    toBlock: number
    /** Hash of `toBlock`. */
    blockHash: `0x${string}`
    /** The escrow's treasury: gets what no record earned. */
    reserveAccount: `0x${string}`
    /** The newest epoch that was not rejected; null before the first. */
    previous: Previous | null
  }
  type Previous = {
    /** CID of its manifest. */
    manifest: string
    /** Account → cumulative wei. */
    amounts: ReadonlyMap<string, bigint>
  }
  type Epoch = {
    manifest: EpochManifest
    /** CID of the manifest's canonical JSON. */
    cid: string
    tree: RewardTree
  }
}
