/** A small world whose strangers write what they like. */
import { cidOfDigest, digestOf } from '@openledger/protocol'
import type { AnswerFacts, DatanetFacts, ModelFacts, Places, RecordFacts } from '../facts.ts'

export const places: Places = { api: 'http://127.0.0.1:4000', chainId: 31337, block: 42 }

const id = (text: string) => digestOf(new TextEncoder().encode(text))
const account = (n: number) => `0x${String(n).padStart(40, '0')}`
export const HOSTILE = 'a | b\n# <img src=x onerror=alert(1)> [x](javascript:1) "q"'

export const datanet: DatanetFacts = {
  id: id('datanet'),
  name: HOSTILE,
  modality: 'Text',
  owner: account(1),
  licence: 'MIT OR Apache-2.0',
  licenceFlags: 3,
  royaltyPpm: 50_000,
  version: 2,
  timestamp: 1_790_000_000,
}

export const bytesOf = (n: number) => new TextEncoder().encode(`record ${n}`)

export const records: RecordFacts[] = [0, 1, 2].map((n) => {
  const digest = digestOf(bytesOf(n))
  return {
    digest,
    cid: cidOfDigest(digest),
    sizeBytes: String(bytesOf(n).length),
    mediaType: 'text/plain',
    title: n === 0 ? HOSTILE : `title ${n}`,
    licence: 'MIT',
    contributor: { account: account(2 + (n % 2)), name: `name ${n % 2}` },
    contribution: { transactionHash: id(`transaction ${n}`), timestamp: '1790000001' },
  }
})

const source = (n: number) => ({ ...records[n]! })

export const answer: AnswerFacts = {
  receiptHash: id('receipt'),
  node: account(9),
  payer: account(8),
  timestampMs: '1790000002000',
  promptTokens: '3',
  completionTokens: '5',
  priceWei: '1000000000000000001',
  requestCid: cidOfDigest(id('request')),
  responseCid: cidOfDigest(id('response')),
  engineHash: id('engine'),
  settlementTransaction: id('settlement'),
  model: {
    id: id('model'),
    name: 'adapter',
    base: { id: id('base'), name: 'base' },
    datanets: [{ version: 2, datanet: { id: datanet.id, name: datanet.name } }],
  },
  epoch: { number: 1, root: id('root'), manifestCid: cidOfDigest(id('epoch')) },
  evidence: {
    cid: cidOfDigest(id('evidence')),
    featuresCid: cidOfDigest(id('features')),
    influenceCount: 3,
    influence: [
      { mean: '70', standardError: '5', sharePpm: 700_000, record: source(0) },
      { mean: '30', standardError: '5', sharePpm: 300_000, record: source(1) },
      { mean: '1', standardError: '5', sharePpm: 0, record: null },
    ],
    verbatim: [{ start: 2, end: 9, text: 'in word', documents: [{ start: 0, end: 7, record: source(1) }] }],
    retrieval: [source(2)],
  },
}

export const model: ModelFacts = {
  ...answer.model!,
  kind: 'Adapter',
  owner: account(7),
  licence: 'MIT',
  licenceFlags: 3,
  royaltyPpm: 0,
  artefactCid: cidOfDigest(id('artefact')),
  evaluations: [
    { metric: 'loss', valueE6: '-12', evaluator: account(6), reportCid: cidOfDigest(id('report')), isFlagged: false },
  ],
}
