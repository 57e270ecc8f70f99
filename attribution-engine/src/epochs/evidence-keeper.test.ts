import {
  type AnswerReceipt,
  cidOfDigest,
  digestOfCid,
  type Evidence,
  type ReceiptsManifest,
  type RequestTranscript,
  type ResponseTranscript,
} from '@openledger/protocol'
import { beforeEach, expect, test } from 'vitest'
import { InfluenceMatrix } from '../influence/influence-matrix.ts'
import { MemoryContentStore } from '../testing/memory-content-store.ts'
import { EvidenceKeeper } from './evidence-keeper.ts'
import { Journal } from './journal.ts'

const hex = (n: number, digits = 64) => `0x${n.toString(16).padStart(digits, '0')}` as `0x${string}`
const [BASE, ADAPTER, FEATURES, HASH] = [hex(1), hex(2), hex(3), hex(4)]

let content: MemoryContentStore
let receipt: AnswerReceipt
let computed: string[]
let rows: { cid: string; model: string | null; features: string | null }[]
let keeper: EvidenceKeeper

beforeEach(async () => {
  content = new MemoryContentStore()
  const request: RequestTranscript = {
    kind: 'openledger/request@1',
    modelId: ADAPTER,
    prompt: 'a',
    promptTokenIds: [1],
    maxTokens: 1,
    temperature: 0,
    topP: 1,
    seed: 0,
    stop: [],
    nonce: hex(5),
  }
  const response: ResponseTranscript = { kind: 'openledger/response@1', tokenIds: [2], text: 'b', finishReason: 'stop' }
  receipt = {
    requestHash: digestOfCid(await content.putJson(request)),
    responseHash: digestOfCid(await content.putJson(response)),
    baseModelId: BASE,
    modelId: ADAPTER,
    engineHash: hex(6),
    previousReceipt: hex(0),
    promptTokens: '1',
    completionTokens: '1',
    priceWei: '1',
    payer: hex(7, 40),
    node: hex(8, 40),
    sequence: '0',
    timestampMs: '1',
  }
  const signed = { receipt, receiptHash: HASH, signature: '0x11' }
  const manifest: ReceiptsManifest = {
    kind: 'openledger/receipts@1',
    node: receipt.node,
    firstSequence: '0',
    receipts: [signed],
  }
  rows = [{ cid: await content.putJson(manifest), model: ADAPTER, features: FEATURES }]
  computed = []
  keeper = await newKeeper()
})

let matrix: InfluenceMatrix

async function newKeeper(): Promise<EvidenceKeeper> {
  const evidenceFor = async (
    answer: { receipt: { receiptHash: `0x${string}` }; request: RequestTranscript },
    adapter: { modelId: `0x${string}`; featuresCid: string },
  ) => {
    computed.push(`${adapter.modelId} ${adapter.featuresCid} ${answer.request.prompt}`)
    const evidence: Evidence = {
      kind: 'openledger/evidence@1',
      receiptHash: answer.receipt.receiptHash,
      modelId: adapter.modelId,
      features: adapter.featuresCid,
      answerFeatures: await content.put(new Uint8Array([1])),
      influence: [
        {
          canonical: hex(7),
          contributor: `0x${'5'.repeat(40)}`,
          scores: ['3', '5'],
          mean: '4',
          standardError: '1',
          utility: '2',
          sharePpm: 1_000_000,
        },
      ],
      verbatim: [],
      retrieval: [],
    }
    return { evidence, cid: await content.putJson(evidence) }
  }
  matrix = await InfluenceMatrix.open(':memory:')
  return new EvidenceKeeper({
    journal: await Journal.open(':memory:'),
    matrix,
    lineage: { query: async <Row extends Record<string, unknown>>() => rows as unknown as Row[] },
    content,
    makerOf: async (baseModelId) => {
      expect(baseModelId).toBe(BASE)
      return { evidenceFor }
    },
  })
}

const answer = (features = FEATURES) => ({ receiptHash: HASH, receipt, features })

test('evidence is computed once, from the transcript and the features on chain', async () => {
  const first = await keeper.of(answer())
  expect(first.evidence).toMatchObject({ receiptHash: HASH, features: cidOfDigest(FEATURES) })
  expect(await keeper.of(answer())).toEqual(first)
  expect(computed).toEqual([`${ADAPTER} ${cidOfDigest(FEATURES)} a`])
})

test('what was computed stands in the influence matrix, once', async () => {
  await keeper.of(answer())
  await keeper.of(answer())
  const cells = await matrix.clustersOf(HASH)
  expect(cells).toMatchObject([{ canonical: hex(7), mean: 4n, standardError: 1n, utility: 2n, sharePpm: 1_000_000 }])
})

test('two that ask at once wait for one computation', async () => {
  const [one, other] = await Promise.all([keeper.of(answer()), keeper.of(answer())])
  expect(one).toEqual(other)
  expect(computed).toHaveLength(1)
})

test('evidence that was lost, or that rests on other features than the chain names, is computed again', async () => {
  const { cid } = await keeper.of(answer())
  await content.without(cid, () => keeper.of(answer()))
  expect(computed).toHaveLength(2)
  expect((await keeper.of(answer(hex(9)))).evidence.features).toBe(cidOfDigest(hex(9)))
  expect(computed).toHaveLength(3)
})

test('a computation that failed is tried again', async () => {
  const lost = cidOfDigest(receipt.responseHash)
  await expect(content.without(lost, () => keeper.of(answer()))).rejects.toMatchObject({ code: 'content.missing' })
  expect((await keeper.of(answer())).evidence.receiptHash).toBe(HASH)
})

test('an answer that is known by its name only is found through the mirror and its batch', async () => {
  expect((await keeper.ofReceipt(HASH)).evidence.receiptHash).toBe(HASH)
})

test('an answer that is not mirrored, or not in the batch that the mirror names, is unknown', async () => {
  await expect(keeper.ofReceipt(hex(99))).rejects.toMatchObject({ code: 'answer.unknown' })
  rows = []
  await expect(keeper.ofReceipt(HASH)).rejects.toMatchObject({ code: 'answer.unknown' })
})

test('an answer of a model without features cannot be attributed', async () => {
  rows = [{ ...rows[0]!, features: null }]
  await expect(keeper.ofReceipt(HASH)).rejects.toMatchObject({ code: 'answer.not_attributable' })
})
