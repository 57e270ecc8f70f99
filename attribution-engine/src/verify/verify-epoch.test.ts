import {
  cidOfDigest,
  digestOfCid,
  type EpochManifest,
  type Evidence,
  MerkleTree,
  readRewardWord,
  receiptHash,
  rewardWord,
  type SignedReceipt,
} from '@openledger/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChainFacts } from '../chain/chain-facts.ts'
import { readEvents } from '../chain/read-events.ts'
import { type BuildEpoch, buildEpoch } from '../epochs/build-epoch.ts'
import { DevChain, WINDOW_SECONDS } from '../testing/dev-chain.ts'
import { SettledEconomy } from '../testing/settled-economy.ts'
import { type VerifyEpoch, verifyEpoch } from './verify-epoch.ts'

let chain: DevChain
let economy: SettledEconomy
let honest: EpochManifest

beforeAll(async () => {
  chain = await DevChain.start()
  economy = new SettledEconomy(chain)
  await economy.prepare()
  const { adapterId, baseId } = economy
  const answers = [
    await economy.answer(adapterId, 1_001n, 0),
    await economy.answer(adapterId, 500n, 2),
    await economy.answer(adapterId, 333n, -1),
    await economy.answer(baseId, 100n, 1),
  ]
  await economy.settle(answers.slice(0, 2))
  await economy.settle(answers.slice(2))
  await fund()
  honest = (await build()).manifest
})

afterAll(() => chain.stop())

/** The vault holds what was settled, the court may take bonds, and all of it is final. */
async function fund(): Promise<void> {
  const { escrow, token } = chain.as('proposer')
  await (await escrow.sweep!()).wait()
  await (await token.approve!(chain.deployment.contracts.RootCourt!.address, 10n ** 20n)).wait()
  await chain.mine(4)
}

async function build(change: Partial<BuildEpoch.Input> = {}): Promise<BuildEpoch.Epoch> {
  const toBlock = (await chain.provider.getBlock('finalized'))!
  const fromBlock = change.fromBlock ?? 0
  const events = await readEvents(chain.provider, chain.deployment, 0, toBlock.number)
  return buildEpoch({
    facts: await new ChainFacts(events).read(fromBlock, toBlock.number),
    evidenceFor: economy.evidenceFor,
    contentStore: economy.content,
    domain: economy.domain,
    number: 1,
    fromBlock,
    toBlock: toBlock.number,
    blockHash: toBlock.hash as `0x${string}`,
    reserveAccount: chain.wallets.treasury.address.toLowerCase() as `0x${string}`,
    previous: null,
    ...change,
  })
}

/** Proposes a manifest as it is, right or wrong. */
async function propose(manifest: EpochManifest, change: Record<string, unknown> = {}): Promise<string> {
  const cid = await economy.content.putJson(manifest)
  const { root, engineHash, toBlock, blockHash } = manifest
  const stated = {
    root,
    dataDigest: digestOfCid(cid),
    engineHash,
    totalWei: BigInt(manifest.totalWei),
    toBlock,
    blockHash,
  }
  await (await chain.as('proposer').court.propose!({ ...stated, ...change })).wait()
  return cid
}

function verify(change: Partial<VerifyEpoch.Options> = {}): Promise<VerifyEpoch.Report> {
  const { rpcUrl, deployment } = chain
  return verifyEpoch({ rpcUrl, deployment, contentStore: economy.content, epoch: 'latest', sample: 10, ...change })
}

/** Verifies a proposal that is forgotten afterwards. */
function verifyProposal(
  manifest: EpochManifest,
  proposal: Record<string, unknown> = {},
  options: Partial<VerifyEpoch.Options> = {},
): Promise<VerifyEpoch.Report> {
  return chain.undone(async () => {
    await propose(manifest, proposal)
    return verify(options)
  })
}

const codes = (report: VerifyEpoch.Report) => report.mismatches.map(({ code }) => code)

test('an honest epoch is reproduced to the root, every check named', async () => {
  const report = await verifyProposal(honest, {}, { replay: async () => true, gradients: publishedGradients })
  expect(report.mismatches).toEqual([])
  expect(report).toMatchObject({ epoch: 1, root: honest.root, reproducedRoot: true })
  expect(report.answers).toEqual({ paid: 3, replayed: 3, gradientsRecomputed: 3 })
  expect(report.checks.map(({ name, ok }) => `${ok ? 'ok' : 'NO'} ${name}`)).toEqual([
    'ok the block is on the chain and final',
    'ok the rule is known',
    'ok the manifest says what the proposal says',
    'ok settlements sum to what the root promises',
    'ok receipts are what was anchored, signed and paid',
    'ok every paid answer has its part of the settlements',
    'ok features are of the records that were trained on, credited to their contributors',
    'ok scores follow from the published gradients',
    'ok transcripts of the sample are what their receipts name',
    'ok the model, asked again, gives the sample’s answers',
    'ok the sample’s gradients are those of their models',
    'ok shares, leaves and root follow from facts and evidence',
  ])
})

test('a second epoch is reproduced on top of the first', async () => {
  await chain.undone(async () => {
    const cid = await propose(honest)
    await chain.pass(WINDOW_SECONDS)
    await settleOne()
    const amounts = new Map(
      honest.words.slice(1, -1).map((word) => [readRewardWord(word).account, readRewardWord(word).cumulativeWei]),
    )
    const second = await build({ number: 2, fromBlock: honest.toBlock + 1, previous: { manifest: cid, amounts } })
    await propose(second.manifest)
    const report = await verify()
    expect(report.mismatches).toEqual([])
    expect(report).toMatchObject({ epoch: 2, reproducedRoot: true })
    expect(await verify({ epoch: 1 })).toMatchObject({ epoch: 1, reproducedRoot: true, mismatches: [] })
  })
})

test('an epoch that was never proposed is said so', async () => {
  await expect(verify()).rejects.toMatchObject({ code: 'epoch.unknown' })
  await expect(verify({ epoch: 7 })).rejects.toMatchObject({ code: 'epoch.unknown' })
})

describe('what a proposer makes wrong is found, the first difference first', () => {
  const rooted = (manifest: EpochManifest): EpochManifest => ({
    ...manifest,
    root: new MerkleTree(manifest.words).root,
  })
  const copy = () => structuredClone(honest)
  const raise = (word: `0x${string}`, byWei: bigint) => {
    const { account, cumulativeWei } = readRewardWord(word)
    return rewardWord(account, cumulativeWei + byWei)
  }

  test('a leaf', async () => {
    const manifest = copy()
    manifest.words[2] = raise(manifest.words[2]!, 1n)
    const report = await verifyProposal(rooted(manifest))
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.leaf_differs', facts: { index: 2 } })
    expect(report.reproducedRoot).toBe(false)
  })

  test('two leaves that cancel each other out', async () => {
    const manifest = copy()
    manifest.words[1] = raise(manifest.words[1]!, -1n)
    manifest.words[2] = raise(manifest.words[2]!, 1n)
    const report = await verifyProposal(rooted(manifest))
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.leaf_differs', facts: { index: 1 } })
  })

  test('a root that its own words do not lead to', async () => {
    const root = new MerkleTree([...honest.words].reverse()).root
    const report = await verifyProposal({ ...copy(), root })
    expect(codes(report)).toEqual(['verify.root_differs'])
    expect(report.reproducedRoot).toBe(false)
  })

  test('a share', async () => {
    const manifest = copy()
    const [one, other] = manifest.answers[0]!.shares
    one!.amountWei = String(BigInt(one!.amountWei) + 1n)
    other!.amountWei = String(BigInt(other!.amountWei) - 1n)
    const report = await verifyProposal(manifest)
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.share_differs', facts: { place: 0 } })
    expect(report.reproducedRoot).toBe(true) // the root is right: only what it is said to consist of is not
  })

  test('a share that goes to another account', async () => {
    const manifest = copy()
    manifest.answers[1]!.shares[0]!.account = chain.wallets.cleo.address.toLowerCase() as `0x${string}`
    expect(codes(await verifyProposal(manifest))).toEqual(['verify.share_differs'])
  })

  test.each([
    [
      'score',
      (influence: Evidence['influence'][number]) => ({ ...influence, scores: ['9999', ...influence.scores.slice(1)] }),
    ],
    [
      'utility',
      (influence: Evidence['influence'][number]) => ({ ...influence, utility: String(BigInt(influence.utility) + 1n) }),
    ],
    [
      'contributor',
      (influence: Evidence['influence'][number]) => ({ ...influence, contributor: `0x${'ab'.repeat(20)}` as const }),
    ],
  ])('a %s in the evidence, with shares that follow from it', async (_, change) => {
    const evidenceFor: BuildEpoch.Input['evidenceFor'] = async (answer) => {
      const evidence = await economy.evidenceFor(answer)
      const [first, ...rest] = evidence.influence
      return first === undefined ? evidence : { ...evidence, influence: [change(first), ...rest] }
    }
    const report = await verifyProposal((await build({ evidenceFor })).manifest)
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.score_differs', facts: { place: 0 } })
  })

  test('a cluster that is left out of the evidence', async () => {
    const evidenceFor: BuildEpoch.Input['evidenceFor'] = async (answer) => {
      const evidence = await economy.evidenceFor(answer)
      return { ...evidence, influence: evidence.influence.slice(0, -1) }
    }
    const report = await verifyProposal((await build({ evidenceFor })).manifest)
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.score_differs' })
    expect(report.reproducedRoot).toBe(false)
  })

  test('evidence of another answer', async () => {
    const manifest = copy()
    manifest.answers[0]!.evidence = manifest.answers[1]!.evidence
    expect(codes(await verifyProposal(manifest))).toContain('verify.evidence_differs')
  })

  test('a pool', async () => {
    const manifest = copy()
    manifest.answers[0]!.poolWei = String(BigInt(manifest.answers[0]!.poolWei) + 1n)
    const report = await verifyProposal(manifest)
    expect(report.mismatches[0]).toMatchObject({
      code: 'verify.pool_differs',
      facts: { receiptHash: honest.answers[0]!.receiptHash },
    })
  })

  test('an answer that is not paid', async () => {
    const manifest = copy()
    const [left] = manifest.answers.splice(1, 1)
    const report = await verifyProposal(manifest)
    expect(report.mismatches[0]).toMatchObject({
      code: 'verify.answer_missing',
      facts: { receiptHash: left!.receiptHash },
    })
    expect(codes(report)).toContain('verify.not_recomputed')
  })

  test('an answer that is paid twice, and one that nobody gave', async () => {
    const twice = copy()
    twice.answers.push(structuredClone(twice.answers[0]!))
    expect((await verifyProposal(twice)).mismatches[0]).toMatchObject({ code: 'verify.answer_unexpected' })
    const invented = copy()
    invented.answers[0]!.receiptHash = `0x${'12'.repeat(32)}`
    expect(codes(await verifyProposal(invented))).toContain('verify.answer_unexpected')
  })

  test('a total that is not what was settled', async () => {
    const totalWei = String(BigInt(honest.totalWei) - 1n)
    const report = await verifyProposal({ ...copy(), totalWei })
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.total_differs' })
  })

  test('a manifest that says something else than the proposal', async () => {
    const report = await verifyProposal(honest, { totalWei: BigInt(honest.totalWei) - 1n })
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.manifest_differs', facts: { member: 'totalWei' } })
  })

  test('a batch that is left out of the list', async () => {
    const manifest = copy()
    manifest.batches.pop()
    expect(codes(await verifyProposal(manifest))).toEqual(['verify.batch_differs'])
  })

  test('a reserve that goes elsewhere', async () => {
    const reserveAccount = chain.wallets.cleo.address.toLowerCase() as `0x${string}`
    const report = await verifyProposal((await build({ reserveAccount })).manifest)
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.reserve_differs' })
    expect(report.reproducedRoot).toBe(false)
  })

  test('a block that is not on the chain, or not final', async () => {
    const fork = `0x${'34'.repeat(32)}` as const
    const report = await verifyProposal({ ...copy(), blockHash: fork })
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.block_hash_differs' })
    const head = (await chain.provider.getBlock('latest'))!
    const hasty = { ...copy(), toBlock: head.number, blockHash: head.hash as `0x${string}` }
    expect((await verifyProposal(hasty)).mismatches[0]).toMatchObject({ code: 'verify.block_not_final' })
  })

  test('another rule', async () => {
    const engineHash = `0x${'56'.repeat(32)}` as const
    const report = await verifyProposal({ ...copy(), engineHash })
    expect(report.mismatches[0]).toMatchObject({ code: 'verify.engine_hash_differs' })
  })

  test('a parent whose words do not lead to its root', async () => {
    await chain.undone(async () => {
      const root = new MerkleTree([...honest.words].reverse()).root
      const cid = await propose({ ...copy(), root })
      await chain.pass(WINDOW_SECONDS)
      await settleOne()
      const second = await build({
        number: 2,
        fromBlock: honest.toBlock + 1,
        previous: { manifest: cid, amounts: new Map() },
      })
      await propose({ ...second.manifest, totalWei: honest.totalWei })
      const report = await verify()
      expect(report.mismatches[0]).toMatchObject({ code: 'verify.parent_differs' })
      expect(report.reproducedRoot).toBe(false)
    })
  })
})

describe('what a node anchors wrongly is found, and the root is right all the same', () => {
  const altered = (change: (signed: SignedReceipt) => SignedReceipt) => (list: readonly SignedReceipt[]) =>
    list.map((signed, index) => (index === 0 ? change(signed) : signed))

  test.each<[string, string, (list: readonly SignedReceipt[]) => SignedReceipt[]]>([
    [
      'a price that was not signed',
      'receipts.hash_differs',
      altered((signed) => ({ ...signed, receipt: { ...signed.receipt, priceWei: '5' } })),
    ],
    [
      'a signature of nobody',
      'receipts.signature_invalid',
      altered((signed) => ({ ...signed, signature: `0x${'11'.repeat(65)}` })),
    ],
    [
      'a gap in the chain of receipts',
      'receipts.chain_broken',
      altered((signed) => ({ ...signed, receipt: { ...signed.receipt, sequence: '99' } })),
    ],
    ['receipts in another order', 'receipts.chain_broken', (list) => [...list].reverse()],
    ['a receipt too few', 'receipts.chain_broken', (list) => list.slice(0, 1)],
  ])('%s', async (_, code, change) => {
    await chain.undone(async () => {
      await economy.forgetting(async () => {
        const answers = [
          await economy.answer(economy.adapterId, 50n, 0),
          await economy.answer(economy.adapterId, 60n, 1),
        ]
        await economy.settle(answers, change)
      })
      await fund()
      await propose((await build()).manifest)
      const report = await verify()
      expect(codes(report)).toEqual([code])
      expect(report.reproducedRoot).toBe(true)
    })
  })

  test('prices that do not sum to what was paid', async () => {
    await chain.undone(async () => {
      await economy.forgetting(async () => {
        const signed = await economy.answer(economy.adapterId, 50n, 0)
        await economy.settle([signed], () => [signed], 10n)
      })
      await fund()
      await propose((await build()).manifest)
      const report = await verify()
      expect(codes(report)).toEqual(['receipts.total_differs'])
      expect(report.reproducedRoot).toBe(true)
    })
  })

  test('a receipt that states other tokens than its transcript', async () => {
    await chain.undone(async () => {
      await economy.forgetting(async () => {
        const signed = await economy.answer(economy.adapterId, 50n, 0, { completionTokens: '7' })
        await economy.settle([signed])
      })
      await fund()
      await propose((await build()).manifest)
      expect(codes(await verify())).toEqual(['verify.transcript_differs'])
    })
  })
})

describe('content that cannot be had is named', () => {
  const evidence = async () => economy.content.json<Evidence>(honest.answers[0]!.evidence)
  const features = async () =>
    economy.content.json<{ training: string; layers: { signs: string; scales: string }[] }>(economy.features)
  const training = async () => economy.content.json<{ clusters: string }>((await features()).training)
  const blobs: Record<string, () => Promise<string>> = {
    'a receipts manifest': async () => cidOfDigest(honest.batches[0]!.receiptsDigest),
    'an answer’s evidence': async () => honest.answers[0]!.evidence,
    'an answer’s gradients': async () => (await evidence()).answerFeatures,
    'the features': async () => economy.features,
    'a layer’s signs': async () => (await features()).layers[1]!.signs,
    'a layer’s scales': async () => (await features()).layers[2]!.scales,
    'the training manifest': async () => (await features()).training,
    'the clusters': async () => (await training()).clusters,
  }

  test.each(Object.keys(blobs))('%s', async (name) => {
    const cid = await blobs[name]!()
    await chain.undone(async () => {
      await propose(honest)
      const report = await economy.content.without(cid, () => verify())
      expect(report.mismatches[0]).toMatchObject({ code: 'content.missing', facts: { cid } })
      expect(report.reproducedRoot).toBe(false)
    })
  })

  test('the epoch’s own manifest', async () => {
    await chain.undone(async () => {
      const cid = await propose(honest)
      const report = await economy.content.without(cid, () => verify())
      expect(report.mismatches).toMatchObject([{ code: 'content.missing', facts: { cid } }])
      expect(report.reproducedRoot).toBe(false)
    })
  })

  test('a sampled answer’s request: the root does not need it', async () => {
    const { receipts } = await economy.content.json<{ receipts: SignedReceipt[] }>(
      cidOfDigest(honest.batches[0]!.receiptsDigest),
    )
    const cid = cidOfDigest(receipts[0]!.receipt.requestHash)
    await chain.undone(async () => {
      await propose(honest)
      const report = await economy.content.without(cid, () => verify())
      expect(codes(report)).toEqual(['content.missing'])
      expect(report.reproducedRoot).toBe(true)
    })
  })
})

describe('a sample is computed again', () => {
  test('an answer that the model does not give', async () => {
    const report = await verifyProposal(honest, {}, { replay: async (_, __, receipt) => receipt.sequence !== '1' })
    expect(report.mismatches).toMatchObject([
      { code: 'verify.answer_differs', facts: { receiptHash: honest.answers[1]!.receiptHash } },
    ])
    expect(report.answers.replayed).toBe(3)
  })

  test('a gradient that is off by rounding passes, another answer’s does not', async () => {
    const rounded: VerifyEpoch.Options['gradients'] = async (...about) =>
      (await publishedGradients(...about)).map((value, index) => (index % 7 === 0 ? value + 1 : value))
    expect((await verifyProposal(honest, {}, { gradients: rounded })).mismatches).toEqual([])
    const shifted: VerifyEpoch.Options['gradients'] = async (...about) => {
      const gradient = await publishedGradients(...about)
      return gradient.map((_, index) => gradient[(index + 8) % gradient.length]!)
    }
    const report = await verifyProposal(honest, {}, { gradients: shifted })
    // Two answers under three seeds; the third answer's gradient is the same everywhere, so shifting it changes nothing.
    expect(codes(report)).toEqual(Array(6).fill('verify.gradient_differs'))
    expect(report.answers.gradientsRecomputed).toBe(3)
  })

  test('no more than what was asked for', async () => {
    const report = await verifyProposal(honest, {}, { sample: 2, replay: async () => true })
    expect(report.answers).toMatchObject({ paid: 3, replayed: 2 })
  })
})

/** Gradients as an honest machine of the same kind computes them. */
const publishedGradients: NonNullable<VerifyEpoch.Options['gradients']> = async ({ receipt }) => {
  return economy.answerFeatures.get(receiptHash(economy.domain, receipt))!
}

async function settleOne(): Promise<void> {
  await economy.forgetting(async () => {
    await economy.settle([await economy.answer(economy.adapterId, 700n, 3)])
  })
  await fund()
}
