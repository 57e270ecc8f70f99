import type { ContentStore } from '@openledger/content-store'
import {
  cidOfDigest,
  type Deployment,
  EpochManifest,
  jsonDigest,
  MerkleTree,
  OpenLedgerError,
  parseManifest,
} from '@openledger/protocol'
import { type JsonRpcProvider, Wallet } from 'ethers'
import { type Contracts, connectContracts } from '../chain/contracts.ts'
import { readEvents } from '../chain/read-events.ts'
import { type Proposal, readProposals } from '../chain/read-proposals.ts'
import { sendTransaction } from '../chain/send-transaction.ts'
import { type Fault, findFault } from './find-fault.ts'
import type { VerifyEpoch } from './verify-epoch.ts'

/**
 * Takes a wrong root to court. What the tree shows by itself is proven, which ends the root in the same transaction, needs no
 * bond and nobody's ruling; anything else that `verifyEpoch` found is a challenge, under a bond, which freezes the root until
 * the council rules, with the hash of the report as its reason.
 *
 * @throws dispute.nothing_wrong when the report found nothing; dispute.too_late when the root pays already or is rejected;
 * dispute.already_challenged; dispute.bond_short; chain.*
 */
export async function disputeEpoch(options: DisputeEpoch.Options): Promise<DisputeEpoch.Outcome> {
  const { report, deployment, contentStore, key, provider } = options
  if (report.mismatches.length === 0 && report.reproducedRoot) throw nothingWrong(report.epoch)
  const signer = new Wallet(key, provider)
  const contracts = connectContracts(deployment, signer)
  const status = await refuseSettled(report, contracts)
  const events = await readEvents(provider, deployment, deployment.startBlock, await provider.getBlockNumber())
  const proposals = readProposals(events)
  const proposal = proposals.get(report.epoch)!
  const words = await wordsOf(proposal, contentStore)
  const parent = proposals.get(proposal.parent)
  // A proposal stands on a live root, so what the parent granted is what the court accepts as granted.
  const old = parent === undefined ? null : await wordsOf(parent, contentStore)
  const fault = words === null ? null : findFault({ ...proposal, words }, old)
  if (fault !== null) {
    try {
      return await prove(report.epoch, fault, signer, contracts)
    } catch (error) {
      // An account that has taken an id may stand under that instead: the court knows, and refuses.
      if (!(error instanceof OpenLedgerError) || error.code !== 'chain.refused') throw error
    }
  }
  if (status === CHALLENGED) throw alreadyChallenged(report.epoch)
  return challenge(report, signer, contracts)
}

export declare namespace DisputeEpoch {
  type Options = {
    /** Of `verifyEpoch`. */
    report: VerifyEpoch.Report
    deployment: Deployment
    contentStore: Pick<ContentStore, 'get'>
    provider: JsonRpcProvider
    /** Private key of whoever disputes. */
    key: string
  }
  type Outcome = { epoch: number; transactions: string[] } & (
    | { kind: 'proven'; fault: Fault['kind']; account: string }
    | { kind: 'challenged'; bondWei: bigint; reasonHash: `0x${string}` }
  )
}

/** RootCourt.Status. */
const [CHALLENGED, REJECTED] = [2, 3]

async function refuseSettled({ epoch, root }: VerifyEpoch.Report, { court, distributor }: Contracts): Promise<number> {
  const status = Number((await court.epoch!(epoch)).status)
  const isLive = status !== CHALLENGED && Boolean(await distributor.isLive!(root))
  if (status !== REJECTED && !isLive) return status
  throw new OpenLedgerError('dispute.too_late', 'This root can no longer be disputed.', {
    facts: { epoch, root, state: isLive ? 'live' : 'rejected' },
    nextStep: isLive
      ? 'Its window has ended. Tell governance: what it grants too much can only be made good by the next epochs.'
      : 'Nothing is left to do: it pays nobody.',
  })
}

/** The published words, if they are those that the root was made of. */
async function wordsOf(proposal: Proposal, content: Pick<ContentStore, 'get'>): Promise<`0x${string}`[] | null> {
  try {
    const bytes = await content.get(cidOfDigest(proposal.dataDigest))
    const { words } = parseManifest(EpochManifest, bytes, 'epoch manifest')
    return new MerkleTree(words).root === proposal.root ? (words as `0x${string}`[]) : null
  } catch (error) {
    const isGone = error instanceof OpenLedgerError && (!error.retryable || error.code === 'content.missing')
    if (isGone) return null // withheld or malformed: for the council
    throw error
  }
}

async function prove(epoch: number, fault: Fault, signer: Wallet, { court }: Contracts): Promise<DisputeEpoch.Outcome> {
  const calls = callsOf(epoch, fault)
  const transactions: string[] = []
  for (const { method, values } of calls) {
    const { hash } = await sendTransaction(signer, await court.getFunction(method).populateTransaction(...values))
    transactions.push(hash)
    if (Number((await court.epoch!(epoch)).status) === REJECTED) break // a tally ends as soon as it is too much
  }
  return { kind: 'proven', epoch, fault: fault.kind, account: fault.account, transactions }
}

/** What is sent to the court, in order. */
function callsOf(epoch: number, fault: Fault): { method: string; values: unknown[] }[] {
  switch (fault.kind) {
    case 'misframing':
      return [{ method: 'proveMisframing', values: [epoch, fault.leaf] }]
    case 'disorder':
      return [{ method: 'proveDisorder', values: [epoch, fault.left, fault.right] }]
    case 'regression':
      return [{ method: 'proveRegression', values: [epoch, fault.leaf, fault.old] }]
    case 'omission':
      return [{ method: 'proveOmission', values: [epoch, fault.left, fault.right, fault.old] }]
    case 'excess': {
      const method = fault.parts.length === 1 ? 'proveExcess' : 'tally'
      return fault.parts.map(({ words, index, proof }) => ({ method, values: [epoch, words, index, proof] }))
    }
  }
}

async function challenge(
  report: VerifyEpoch.Report,
  signer: Wallet,
  { court, token }: Contracts,
): Promise<DisputeEpoch.Outcome> {
  const { epoch, root, mismatches } = report
  const bondWei = (await court.epoch!(epoch)).bondWei as bigint
  const balanceWei = (await token.balanceOf!(signer.address)) as bigint
  if (balanceWei < bondWei) {
    throw new OpenLedgerError('dispute.bond_short', 'The account cannot cover the bond of a challenge.', {
      facts: { account: signer.address, balanceWei, bondWei },
      nextStep:
        'Send OPEN to the account. The bond comes back, with half of the proposer’s, when the challenge is upheld.',
    })
  }
  const transactions: string[] = []
  const address = await court.getAddress()
  if (((await token.allowance!(signer.address, address)) as bigint) < bondWei) {
    const approval = await token.approve!.populateTransaction(address, bondWei)
    transactions.push((await sendTransaction(signer, approval)).hash)
  }
  const reasonHash = reasonOf(epoch, root, mismatches)
  const call = await court.challenge!.populateTransaction(epoch, reasonHash)
  transactions.push((await sendTransaction(signer, call)).hash)
  return { kind: 'challenged', epoch, bondWei, reasonHash, transactions }
}

/** Names what was found, so that the council can tell which report a challenge rests on. */
function reasonOf(epoch: number, root: string, mismatches: VerifyEpoch.Report['mismatches']): `0x${string}` {
  const found = mismatches.map(({ code, facts }) => ({
    code,
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)])),
  }))
  return jsonDigest({ kind: 'openledger/dispute@1', epoch, root, found })
}

function nothingWrong(epoch: number): OpenLedgerError {
  return new OpenLedgerError('dispute.nothing_wrong', 'Nothing was found that could be disputed.', {
    facts: { epoch },
    nextStep: 'Nothing: the root follows from the chain and the content store.',
  })
}

function alreadyChallenged(epoch: number): OpenLedgerError {
  return new OpenLedgerError(
    'dispute.already_challenged',
    'The root is challenged already, and its tree proves nothing.',
    {
      facts: { epoch },
      nextStep: 'Wait for the council’s ruling; after 14 days without one the root is rejected.',
    },
  )
}
