/**
 * Whether an answer was signed, anchored, attributed, paid and proven as it is told: from the chain and from content that
 * is checked against its CID. Of the api nothing is believed; it only says where to look. Runs in a browser.
 *
 *   receipt → anchored batch root → epoch manifest → evidence → shares → reward leaf → proof → root on chain
 */
import { type Claim, verifyClaim as isProven, largestRemainder, RewardTree } from '@openledger/commitment'
import {
  cidOfDigest,
  type Digest,
  EpochManifest,
  Evidence,
  receiptHash as hashOf,
  MerkleTree,
  OpenLedgerError,
  type PaidAnswer,
  parseManifest,
  ReceiptsManifest,
  readRewardWord,
  receiptSigner,
  type SignedReceipt,
} from '@openledger/protocol'
import type { EventLog, Provider } from 'ethers'
import { readContent } from './content.ts'
import { contractOf } from './contracts.ts'
import { requireReceiptHash, unknownAnswer } from './explain.ts'
import { ask } from './graphql.ts'
import { inferenceDomainOf, type Network } from './network.ts'
import { ANSWER_PLACE } from './queries.ts'

/** One step of a verification. `why` says what was compared, and with what result. */
export type Finding = { check: string; ok: boolean; why: string }

export type Verification = {
  /** True when every finding is. */
  ok: boolean
  findings: Finding[]
}

/**
 * Follows one answer from its receipt to the root that pays for it.
 * @throws receipt.malformed; answer.unknown before it is settled; network.unreachable, content.missing
 */
export async function verifyAnswer(network: Network, provider: Provider, receiptHash: string): Promise<Verification> {
  requireReceiptHash(receiptHash)
  const { answer } = await ask(network, ANSWER_PLACE, { receiptHash })
  if (answer === null) throw unknownAnswer(receiptHash)
  const notes = new Findings()
  const signed = await checkReceipt(network, provider, receiptHash, answer.settlementTransaction, notes)
  if (signed === null) return notes.result()
  if (answer.epoch === null) {
    notes.add('paid by an epoch', false, 'no root on chain pays it yet; ask again after the next epoch')
    return notes.result()
  }
  const epoch = await checkEpoch(network, provider, answer.epoch.number, notes)
  if (epoch === null) return notes.result()
  const paid = epoch.answers.find((one) => one.receiptHash === receiptHash)
  notes.add('paid by the epoch', paid !== undefined, `epoch ${epoch.number} of ${epoch.answers.length} answers`)
  if (paid !== undefined) {
    await checkShares(network, signed, paid, notes)
    checkLeaves(epoch, paid, notes)
  }
  return notes.result()
}

/**
 * Whether a claim pays under a root, as the chain would decide now.
 * @param claim leaf and siblings, as RewardDistributor.claim takes them
 */
export async function verifyClaim(
  network: Network,
  provider: Provider,
  { root, ...claim }: Claim & { root: string },
): Promise<Verification> {
  const notes = new Findings()
  const { account, cumulativeWei } = readRewardWord(claim.word)
  notes.add('proof leads to the root', isProven(root, claim), `leaf ${claim.index} of ${account}, root ${root}`)
  const distributor = contractOf(network, 'RewardDistributor', provider)
  const [isLive, claimedWei] = await Promise.all([
    distributor.getFunction('isLive')(root) as Promise<boolean>,
    distributor.getFunction('claimedOf')(account) as Promise<bigint>,
  ])
  notes.add('root pays on chain', isLive, isLive ? 'it is live' : 'it is unknown, frozen or within its window')
  notes.add(
    'not claimed in full',
    claimedWei < cumulativeWei,
    `granted ${cumulativeWei} wei in all, claimed ${claimedWei} wei`,
  )
  return notes.result()
}

class Findings {
  readonly #list: Finding[] = []

  add(check: string, ok: boolean, why: string): boolean {
    this.#list.push({ check, ok, why })
    return ok
  }

  result(): Verification {
    return { ok: this.#list.every(({ ok }) => ok), findings: this.#list }
  }
}

/** Receipt hash, signature, and inclusion in a batch that its node anchored. */
async function checkReceipt(
  network: Network,
  provider: Provider,
  receiptHash: string,
  transactionHash: string,
  notes: Findings,
): Promise<SignedReceipt | null> {
  const batches = await anchoredIn(network, provider, transactionHash)
  for (const { node, receiptsRoot, receiptsDigest } of batches) {
    const bytes = await readContent(network, cidOfDigest(receiptsDigest))
    const { receipts } = parseManifest(ReceiptsManifest, bytes, 'receipts manifest')
    const index = receipts.findIndex((one) => one.receiptHash === receiptHash)
    const signed = receipts[index]
    if (signed === undefined) continue
    const domain = inferenceDomainOf(network)
    const hash = hashOf(domain, signed.receipt)
    notes.add('receipt hash', hash === receiptHash, `EIP-712 hash of the published receipt: ${hash}`)
    const signer = receiptSigner(domain, signed)
    const isNodes = signer === signed.receipt.node && signer === node
    notes.add('signature', isNodes, `signed by ${signer}; the node that anchored it is ${node}`)
    const { root } = new MerkleTree(receipts.map((one) => one.receiptHash))
    notes.add('in the anchored batch', root === receiptsRoot, `receipt ${index} under root ${root}`)
    return signed
  }
  notes.add('in the anchored batch', false, `transaction ${transactionHash} anchors no batch that holds the receipt`)
  return null
}

async function anchoredIn(network: Network, provider: Provider, transactionHash: string): Promise<AnchoredBatch[]> {
  const escrow = contractOf(network, 'InferenceEscrow', provider)
  const receipt = await provider.getTransactionReceipt(transactionHash)
  const address = network.contracts.InferenceEscrow.address.toLowerCase()
  return (receipt?.logs ?? []).flatMap((log) => {
    const event = log.address.toLowerCase() === address ? escrow.interface.parseLog(log) : null
    if (event?.name !== 'ReceiptsAnchored') return []
    const { node, receiptsRoot, receiptsDigest } = event.args
    return [{ node: String(node).toLowerCase(), receiptsRoot, receiptsDigest }]
  })
}

type AnchoredBatch = { node: string; receiptsRoot: string; receiptsDigest: Digest }

/** The manifest that a root on chain was proposed with, once its words have proven to make that root. */
async function checkEpoch(
  network: Network,
  provider: Provider,
  number: number,
  notes: Findings,
): Promise<EpochManifest | null> {
  const court = contractOf(network, 'RootCourt', provider)
  const proposals = (await court.queryFilter(court.filters.RootProposed!(number), network.startBlock)) as EventLog[]
  const proposed = proposals.at(-1)?.args
  if (!notes.add('epoch on chain', proposed !== undefined, `RootCourt has a proposal for epoch ${number}`)) return null
  const bytes = await readContent(network, cidOfDigest(proposed!.dataDigest as Digest))
  const epoch = parseManifest(EpochManifest, bytes, 'epoch manifest')
  const { root, totalWei } = treeOf(epoch)
  const holds = root === proposed!.root && totalWei === proposed!.totalWei
  notes.add('root of the rewards', holds, `the published leaves make ${root}; on chain stands ${proposed!.root}`)
  const opensAt = (await contractOf(network, 'RewardDistributor', provider).getFunction('opensAt')(root)) as bigint
  notes.add(
    'root is scheduled',
    opensAt > 0n,
    opensAt > 0n ? `it pays from second ${opensAt}` : 'the vault knows it not',
  )
  return epoch
}

function treeOf(epoch: EpochManifest): { root: string; totalWei: bigint } {
  try {
    return RewardTree.fromWords(epoch.words)
  } catch (error) {
    if (error instanceof OpenLedgerError) return { root: `none: ${error.message}`, totalWei: -1n }
    throw error
  }
}

/** That the evidence is this answer's, and the pool is split by it and by nothing else. */
async function checkShares(
  network: Network,
  { receipt, receiptHash }: SignedReceipt,
  paid: PaidAnswer,
  notes: Findings,
) {
  const evidence = parseManifest(Evidence, await readContent(network, paid.evidence), 'evidence')
  const isIts = evidence.receiptHash === receiptHash && evidence.modelId === receipt.modelId
  notes.add('evidence of this answer', isIts, `evidence ${paid.evidence}`)
  notes.add(
    'pool within the price',
    BigInt(paid.poolWei) <= BigInt(receipt.priceWei),
    `${paid.poolWei} of ${receipt.priceWei} wei are the contributors’`,
  )
  const { influence } = evidence
  const weights = influence.map(({ utility }) => BigInt(utility))
  const poolWei = BigInt(paid.poolWei)
  const isReserved = weights.every((weight) => weight === 0n)
  const keys = influence.map(({ canonical }) => canonical)
  const due = isReserved ? weights : largestRemainder(poolWei, weights, keys)
  const expected = new Map(keys.map((key, i) => [key, { account: influence[i]!.contributor, amountWei: due[i]! }]))
  const sharedWei = paid.shares.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n)
  const follow = paid.shares.every(({ canonical, account, amountWei }) => {
    const share = expected.get(canonical)
    return share?.account === account && share.amountWei === BigInt(amountWei)
  })
  const isWhole = sharedWei + BigInt(paid.reserveWei) === poolWei && (isReserved || BigInt(paid.reserveWei) === 0n)
  notes.add(
    'shares follow from the evidence',
    follow && isWhole,
    `${paid.shares.length} shares of ${sharedWei} wei and a reserve of ${paid.reserveWei} wei`,
  )
}

/** That each account of the answer has a leaf that leads to the root and holds its share. */
function checkLeaves(epoch: EpochManifest, paid: PaidAnswer, notes: Findings): void {
  const tree = new MerkleTree(epoch.words)
  const owedWei = new Map<string, bigint>()
  for (const { account, amountWei } of paid.shares) {
    owedWei.set(account, (owedWei.get(account) ?? 0n) + BigInt(amountWei))
  }
  const indexOf = new Map(epoch.words.map((word, index) => [readRewardWord(word).account as string, index]))
  const missing = [...owedWei].filter(([account, wei]) => {
    const index = indexOf.get(account)
    if (index === undefined) return true
    const word = epoch.words[index]!
    return readRewardWord(word).cumulativeWei < wei || !isProven(epoch.root, { word, index, proof: tree.proof(index) })
  })
  notes.add(
    'reward leaves',
    missing.length === 0,
    missing.length === 0
      ? `${owedWei.size} accounts have leaves that lead to the root`
      : `no sufficient leaf: ${missing.map(([account]) => account).join(', ')}`,
  )
}
