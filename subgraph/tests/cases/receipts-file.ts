import { digestOfCid } from '@openledger/protocol'
import { address, event, file, int, type TestCase, word } from '../test-case.ts'

const [node, payer, model] = [address(0x301), address(0x302), word('model')]
const signed = (sequence: number, differences: Record<string, unknown> = {}) => ({
  receipt: {
    requestHash: word(`request ${sequence}`),
    responseHash: word(`response ${sequence}`),
    baseModelId: word('base'),
    modelId: model,
    engineHash: word('engine'),
    previousReceipt: word(`receipt ${sequence - 1}`),
    promptTokens: '12',
    completionTokens: '34',
    priceWei: '340282366920938463463374607431768211455',
    payer,
    node,
    sequence: String(sequence),
    timestampMs: '1763690000000',
    ...differences,
  },
  receiptHash: word(`receipt ${sequence}`),
  signature: `0x${'Ab'.repeat(65)}`,
})
const good = { kind: 'openledger/receipts@1', node, firstSequence: '7', receipts: [signed(7), signed(8)] }
const withFirst = (differences: Record<string, unknown>) => ({ ...good, receipts: [signed(7, differences), signed(8)] })

/** What a faulty or hostile node may publish, and the fault that the index shows for it; null where it is good. */
const MANIFESTS: readonly (readonly [content: unknown, fault: string | null])[] = [
  [good, null],
  // A node may anchor the same receipts twice: the engine pays them once, the index shows both batches.
  [good, null],
  [{ ...good, receipts: [signed(7), { ...signed(7), receipt: signed(8).receipt }] }, null],
  ['no JSON', 'not JSON in UTF-8'],
  [{ ...good, kind: 'openledger/contribution@1' }, 'kind must be openledger/receipts@1'],
  [{ ...good, node: payer }, 'node is not who anchored the batch'],
  [{ ...good, firstSequence: '8' }, 'firstSequence is not the batch’s'],
  [{ ...good, firstSequence: 7 }, 'firstSequence must be a decimal string below 2^64'],
  [{ ...good, receipts: [signed(7)] }, 'receipts are not as many as anchored'],
  [{ ...good, receipts: 'none' }, 'receipts must be a list'],
  [{ ...good, receipts: [signed(7), signed(9)] }, 'receipts.1.receipt.sequence leaves a gap'],
  [{ ...good, receipts: [signed(7), {}] }, 'receipts.1.receiptHash must be 0x and 64 lower-case hex digits'],
  [{ ...good, receipts: [signed(7), { ...signed(8), receipt: [] }] }, 'receipts.1.receipt must be an object'],
  [
    { ...good, receipts: [signed(7), { ...signed(8), signature: '0x' }] },
    'receipts.1.signature must be a hex signature',
  ],
  [
    { ...good, receipts: [signed(7), { ...signed(8), signature: '0xabc' }] },
    'receipts.1.signature must be a hex signature',
  ],
  [withFirst({ node: payer }), 'receipts.0.receipt.node is not who anchored the batch'],
  [withFirst({ payer: 'alice' }), 'receipts.0.receipt.payer must be 0x and 40 lower-case hex digits'],
  [withFirst({ modelId: null }), 'receipts.0.receipt.modelId must be 0x and 64 lower-case hex digits'],
  [
    withFirst({ priceWei: '340282366920938463463374607431768211456' }),
    'receipts.0.receipt.priceWei must be a decimal string below 2^128',
  ],
  [withFirst({ priceWei: '-1' }), 'receipts.0.receipt.priceWei must be a decimal string below 2^128'],
  [withFirst({ priceWei: '01' }), 'receipts.0.receipt.priceWei must be a decimal string below 2^128'],
  [withFirst({ priceWei: '' }), 'receipts.0.receipt.priceWei must be a decimal string below 2^128'],
  [withFirst({ priceWei: '9'.repeat(5_000) }), 'receipts.0.receipt.priceWei must be a decimal string below 2^128'],
  [withFirst({ promptTokens: '4294967296' }), 'receipts.0.receipt.promptTokens must be a decimal string below 2^32'],
  [withFirst({ completionTokens: 34 }), 'receipts.0.receipt.completionTokens must be a decimal string below 2^32'],
  [
    withFirst({ timestampMs: '18446744073709551616' }),
    'receipts.0.receipt.timestampMs must be a decimal string below 2^64',
  ],
]
const files = MANIFESTS.map(([content]) => file(typeof content === 'string' ? content : JSON.stringify(content)))

export const receiptsFile: TestCase = {
  name: 'receipts of a batch become answers or a stated fault, and never halt the subgraph',
  files: files.filter(({ cid }, i) => files.findIndex((other) => other.cid === cid) === i),
  blocks: [
    {
      events: files.map(({ cid }, i) =>
        event('InferenceEscrow', 'ReceiptsAnchored', {
          node,
          batch: i + 1,
          receiptsRoot: word('root'),
          receiptsDigest: digestOfCid(cid),
          receiptCount: 2,
          firstSequence: 7,
          lastReceiptHash: word('receipt 8'),
          totalWei: 100,
        }),
      ),
    },
    {},
    {},
    {},
  ],
  assertions: [
    {
      query: '{ receiptsManifests(first: 1000) { id fault receiptCount } }',
      expected: {
        receiptsManifests: MANIFESTS.map(([, fault], i) => ({
          id: `0x${int(i + 1)}`,
          fault,
          receiptCount: fault === null ? 2 : 0,
        })),
      },
    },
    {
      query: `{ receiptBatch(id: "0x${int(1)}") { manifest { cid } answers(orderBy: index) { id receiptHash index node { id } payer { id } model { id } requestHash responseHash engineHash previousReceipt promptTokens completionTokens priceWei sequence timestampMs } } }`,
      expected: {
        receiptBatch: {
          manifest: { cid: files[0]!.cid },
          answers: [answerEntity(0, 7), answerEntity(1, 8)],
        },
      },
    },
    {
      query: `{ answers(where: { receiptHash: "${word('receipt 7')}" }) { id } }`,
      expected: {
        answers: [
          [1, 0],
          [2, 0],
          [3, 0],
          [3, 1],
        ].map(([batch, index]) => ({ id: `0x${int(batch!)}${int(index!)}` })),
      },
    },
  ],
}

function answerEntity(index: number, sequence: number): Record<string, unknown> {
  return {
    id: `0x${int(1)}${int(index)}`,
    receiptHash: word(`receipt ${sequence}`),
    index,
    node: { id: node },
    // Nobody with this name ever deposited, nor was this model registered: a node may write what it likes.
    payer: null,
    model: null,
    requestHash: word(`request ${sequence}`),
    responseHash: word(`response ${sequence}`),
    engineHash: word('engine'),
    previousReceipt: word(`receipt ${sequence - 1}`),
    promptTokens: '12',
    completionTokens: '34',
    priceWei: '340282366920938463463374607431768211455',
    sequence: String(sequence),
    timestampMs: '1763690000000',
  }
}
