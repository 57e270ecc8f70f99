import type { ContentStore } from '@openledger/content-store'
import {
  cidOfDigest,
  type Deployment,
  type Digest,
  EpochManifest,
  Evidence,
  MerkleTree,
  OpenLedgerError,
  parseManifest,
  ReceiptsManifest,
  readRewardWord,
  rootFromProof,
} from '@openledger/protocol'
import { type EventLog, JsonRpcProvider, ZeroHash } from 'ethers'
import { contractOf, send } from '../chain/contracts.ts'
import { verifyAgainstChain } from '../verify-epoch.ts'
import { contributorWallet, roleWallet } from './accounts.ts'
import { type AskedAnswer, askQuestions } from './ask-questions.ts'
import { readDemoCorpus } from './corpus.ts'
import { sumsOfChain, sumsOfIndex } from './index-equals-chain.ts'
import { replayAnswers } from './replay-answers.ts'
import type { DemoReport } from './report.ts'
import { accountByAuthor, type SeededDatanet, type SeedPlace, seedDatanets } from './seed-chain.ts'
import { type SeededAdapter, seedAdapter, seedBase } from './seed-models.ts'
import { payStakers, stakeOn } from './stake-models.ts'

/** What the story is told on: a running stack. */
export type Stage = {
  root: string
  deployment: Deployment
  contentStore: ContentStore
  urls: { rpc: string; subgraph: string; inference: string; engine: string; api: string }
}

const PATIENCE_MS = 600_000

/**
 * The main job from end to end: Datanets, adapters, paid answers, evidence, one epoch, claims; then every check.
 * @param note told in one line what happens next
 */
export async function tellStory(stage: Stage, note: (line: string) => void): Promise<DemoReport> {
  const provider = new JsonRpcProvider(stage.urls.rpc, undefined, { staticNetwork: true, cacheTimeout: -1 })
  const place = { ...stage, provider, subgraphUrl: stage.urls.subgraph }
  const clock = stopwatch()
  try {
    note('Datanets: contributing records')
    const datanets = await seedDatanets(place, readDemoCorpus(stage.root))
    const adapters = await trainAll(place, datanets, note)
    const train = clock.lap()

    // Two of the three: answers of the third show what becomes of the stakers' part where nobody stakes.
    note('Staking: on two of the adapters')
    for (const { id } of adapters.slice(0, 2)) await stakeOn(place, id)
    note('Serving: 24 paid questions over three adapters in shared batches')
    const answers = await askQuestions(place, datanets, stage.urls.inference)
    await settle(stage.urls.inference)
    const serve = clock.lap()

    note('Attribution: who shaped the answers')
    const epoch = await closeEpoch(stage, place)
    const attribute = clock.lap()

    note(`Commitment: waiting until root ${epoch.root.slice(0, 10)}… is live`)
    await untilLive(place, epoch.root)
    const commit = clock.lap()

    note('Claims: every contributor with a positive share')
    const claims = await claimAll(place, stage.root, epoch)
    const stakers = await payStakers(place)
    const claim = clock.lap()

    note('Checks: recomputing everything from the chain and the content store')
    const checks = await checkAll(place, stage, { adapters, answers, epoch, claims, stakers })
    return {
      chainId: stage.deployment.chainId,
      contracts: Object.fromEntries(
        Object.entries(stage.deployment.contracts).map(([name, { address }]) => [name, address]),
      ),
      datanets: datanets.map(({ id, name, records, contributors }) => ({
        id,
        name,
        modality: 'text',
        records,
        contributors,
      })),
      adapters: adapters.map(({ id, name, lossBefore, lossAfter, records }) => ({
        id,
        name,
        lossBefore,
        lossAfter,
        records,
      })),
      answers: await Promise.all(answers.map((answer) => describeAnswer(place, answer, adapters, epoch))),
      epoch: { number: epoch.number, root: epoch.root, totalWei: epoch.totalWei, leaves: epoch.words.length },
      claims,
      stakers: { pools: stakers.pools, totalWei: stakers.totalWei },
      checks,
      seconds: { up: 0, train, serve, attribute, commit, claim, total: clock.total() },
    }
  } finally {
    provider.destroy()
  }
}

type Place = SeedPlace & { subgraphUrl: string }

/** Trains one adapter after the other; the engine computes an adapter's features while the next one is trained. */
async function trainAll(
  place: Place,
  datanets: SeededDatanet[],
  note: (line: string) => void,
): Promise<SeededAdapter[]> {
  const base = await seedBase(place)
  const adapters: SeededAdapter[] = []
  for (const datanet of datanets) {
    note(`Training: adapter "${datanet.adapter}" on ${datanet.records} records of ${datanet.contributors} contributors`)
    const adapter = await seedAdapter(place, base, datanet)
    note(`  validation loss ${adapter.lossBefore.toFixed(3)} → ${adapter.lossAfter.toFixed(3)}`)
    adapters.push(adapter)
  }
  note('Training: attribution features of the last adapter')
  const registry = contractOf(place.deployment, 'LineageRegistry', place.provider)
  for (const { id, name } of adapters) {
    await until(`features of ${name}`, async () => (await registry.getFunction('featuresOf')(id)) !== ZeroHash)
  }
  return adapters
}

async function settle(inferenceUrl: string): Promise<void> {
  await post(`${inferenceUrl}/admin/settle`)
}

/** Asks the engine to close the epoch until all that was settled is final, indexed and proposed. */
async function closeEpoch(stage: Stage, { deployment, provider }: Place): Promise<EpochManifest> {
  const court = contractOf(deployment, 'RootCourt', provider)
  await until('a proposed root', async () => {
    await post(`${stage.urls.engine}/epochs`)
    return (await court.queryFilter('RootProposed', deployment.startBlock)).length > 0
  })
  const proposals = await court.queryFilter('RootProposed', deployment.startBlock)
  const { args } = proposals.at(-1) as EventLog
  const bytes = await stage.contentStore.get(cidOfDigest(args.dataDigest as Digest))
  return parseManifest(EpochManifest, bytes, 'epoch manifest')
}

async function untilLive({ deployment, provider }: Place, root: string): Promise<void> {
  const distributor = contractOf(deployment, 'RewardDistributor', provider)
  await until('the end of the dispute window', async () => {
    const opensAt = Number(await distributor.getFunction('opensAt')(root))
    const block = await provider.getBlock('latest')
    return opensAt > 0 && block !== null && block.timestamp >= opensAt
  })
}

/** Each contributor claims with a key of their own; leaves of others (the reserve) are claimed for them. */
async function claimAll(place: Place, root: string, epoch: EpochManifest): Promise<DemoReport['claims']> {
  const tree = new MerkleTree(epoch.words)
  const indices = accountByAuthor(readDemoCorpus(root)).values()
  const wallets = new Map(
    [...indices].map((index) => {
      const wallet = contributorWallet(index)
      return [wallet.address.toLowerCase(), wallet]
    }),
  )
  const claims: DemoReport['claims'] = []
  for (const [index, word] of epoch.words.entries()) {
    const { account } = readRewardWord(word)
    if (index === 0 || index === epoch.words.length - 1) continue // sentinels
    const signer = (wallets.get(account) ?? roleWallet('founder')).connect(place.provider)
    const distributor = contractOf(place.deployment, 'RewardDistributor', signer)
    const receipt = await send(distributor, 'claim', word, index, tree.proof(index))
    const claimed = receipt.logs
      .map((log) => distributor.interface.parseLog(log))
      .find((log) => log?.name === 'Claimed')
    claims.push({ account, amountWei: String(claimed?.args.amountWei), txHash: receipt.hash })
  }
  return claims
}

type Told = {
  adapters: SeededAdapter[]
  answers: AskedAnswer[]
  epoch: EpochManifest
  claims: DemoReport['claims']
  stakers: Awaited<ReturnType<typeof payStakers>>
}

async function checkAll(place: Place, stage: Stage, told: Told): Promise<DemoReport['checks']> {
  const { deployment, provider, contentStore } = place
  const { adapters, answers, epoch, claims, stakers } = told
  const head = await provider.getBlockNumber()
  const chain = await sumsOfChain(place, head)
  await until('the index at the head', async () => {
    const index = await sumsOfIndex(place.subgraphUrl, head).catch(() => null)
    return index !== null && index.claimedWei === chain.claimedWei
  })
  const index = await sumsOfIndex(place.subgraphUrl, head)
  const leaves = epoch.words.slice(1, -1).map(readRewardWord)
  const leafSum = leaves.reduce((sum, { cumulativeWei }) => sum + cumulativeWei, 0n)
  const report = await verifyAgainstChain({ rpcUrl: stage.urls.rpc, deployment, contentStore, epoch: epoch.number })
  const paid = new Map(claims.map(({ account, amountWei }) => [account, BigInt(amountWei)]))
  return {
    rootOnChain: await isRootOnChain(place, epoch),
    sumExact: [epoch.totalWei, chain.contributorsWei, chain.fundedWei].every((sum) => BigInt(sum) === leafSum),
    subgraphEqualsChain: JSON.stringify(index) === JSON.stringify(chain),
    proofsVerified: countClaimProofs(epoch) + (await countReceiptProofs(place, answers)),
    answersReplayed: await replayAnswers(place, answers),
    verifyReproducedRoot: report.reproducedRoot && report.mismatches.length === 0,
    lossesFell: adapters.every(({ lossBefore, lossAfter }) => lossAfter < lossBefore),
    stakersPaid: stakers.pools === 2 && stakers.exact,
    everyContributorPaid: leaves.every(({ account, cumulativeWei }) => paid.get(account) === cumulativeWei),
  }
}

async function isRootOnChain({ deployment, provider }: Place, epoch: EpochManifest): Promise<boolean> {
  const inCourt = await contractOf(deployment, 'RootCourt', provider).getFunction('epoch')(epoch.number)
  const opensAt = await contractOf(deployment, 'RewardDistributor', provider).getFunction('opensAt')(epoch.root)
  const block = await provider.getBlock('latest')
  return inCourt.root === epoch.root && opensAt > 0n && BigInt(block?.timestamp ?? 0) >= opensAt
}

function countClaimProofs(epoch: EpochManifest): number {
  const tree = new MerkleTree(epoch.words)
  const inner = epoch.words.slice(1, -1)
  return inner.filter((word, i) => rootFromProof(word, i + 1, tree.proof(i + 1)) === epoch.root).length
}

/** Receipts whose inclusion under a root on chain could be proven. */
async function countReceiptProofs(
  { deployment, provider, contentStore }: Place,
  answers: readonly AskedAnswer[],
): Promise<number> {
  const escrow = contractOf(deployment, 'InferenceEscrow', provider)
  const anchored = (await escrow.queryFilter('ReceiptsAnchored', deployment.startBlock)) as EventLog[]
  const proven = new Set<string>()
  for (const { args } of anchored) {
    const bytes = await contentStore.get(cidOfDigest(args.receiptsDigest as Digest))
    const hashes = parseManifest(ReceiptsManifest, bytes, 'receipts manifest').receipts.map(
      ({ receiptHash }) => receiptHash,
    )
    const tree = new MerkleTree(hashes)
    for (const [i, hash] of hashes.entries()) {
      if (rootFromProof(hash, i, tree.proof(i)) === args.receiptsRoot) proven.add(hash)
    }
  }
  return answers.filter(({ receiptHash }) => proven.has(receiptHash)).length
}

async function describeAnswer(
  { contentStore }: Place,
  answer: AskedAnswer,
  adapters: readonly SeededAdapter[],
  epoch: EpochManifest,
): Promise<DemoReport['answers'][number]> {
  const paid = epoch.answers.find(({ receiptHash }) => receiptHash === answer.receiptHash)
  const evidence =
    paid === undefined ? null : parseManifest(Evidence, await contentStore.get(paid.evidence), 'evidence')
  return {
    receiptHash: answer.receiptHash,
    adapter: adapters.find(({ id }) => id === answer.modelId)?.name ?? answer.modelId,
    promptTokens: answer.promptTokens,
    completionTokens: answer.completionTokens,
    priceWei: answer.priceWei,
    evidence: {
      influence: evidence?.influence.filter(({ utility }) => BigInt(utility) > 0n).length ?? 0,
      verbatim: evidence?.verbatim.length ?? 0,
    },
  }
}

async function post(url: string): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(120_000) })
  const body = (await response.json().catch(() => ({}))) as { error?: Partial<OpenLedgerError.Report> }
  if (response.ok || body.error?.retryable === true) return body
  throw new OpenLedgerError(
    body.error?.code ?? 'demo.refused',
    body.error?.message ?? `${url} answered ${response.status}.`,
    {
      facts: { url, status: response.status },
      nextStep: body.error?.nextStep ?? 'Look into the service’s log.',
    },
  )
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new OpenLedgerError('demo.timed_out', 'The demo waited too long.', {
        facts: { waitedFor: what, seconds: PATIENCE_MS / 1000 },
        nextStep: 'Look into the logs in the state folder; `npm run doctor` checks the machine.',
      })
    }
    await new Promise((done) => setTimeout(done, 500))
  }
}

function stopwatch() {
  const started = performance.now()
  let last = started
  const seconds = (sinceMs: number) => Math.round((performance.now() - sinceMs) / 100) / 10
  return {
    lap() {
      const lap = seconds(last)
      last = performance.now()
      return lap
    },
    total: () => seconds(started),
  }
}
