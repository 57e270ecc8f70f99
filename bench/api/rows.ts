/** A platform of a year, made up: 100,000 records of 100 Datanets, 10,000 answers that 20 epochs paid, with their evidence. */

import { account, word } from '@openledger/api/testing'
import { RewardTree } from '@openledger/commitment'
import { canonicalJson, cidOf, digestOf } from '@openledger/protocol'

export const COUNTS = {
  datanets: 100,
  contributors: 200,
  contributions: 1_000,
  records: 100_000,
  answers: 10_000,
  epochs: 20,
}
const BLOCK = 100_000
const INFLUENCES = 10
const SHARES = 3

type StoredRow = { id: string; [field: string]: unknown }

/** Ids that cannot be guessed from their number, as hashes are: neighbours are strangers in an index. */
const idOf = (kind: string, i: number) => digestOf(new TextEncoder().encode(`${kind} ${i}`))
export const receiptOf = (i: number) => idOf('answer', i)
export const datanetOf = (i: number) => idOf('datanet', i)

export function makeRows(): { rows: Record<string, StoredRow[]>; blobs: Map<string, Uint8Array>; block: number } {
  const blobs = new Map<string, Uint8Array>()
  const keep = (value: unknown): string => {
    const bytes = canonicalJson(value)
    const cid = cidOf(bytes)
    blobs.set(cid, bytes)
    return cid
  }
  const times = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i))
  const { datanets, contributors, contributions, records, answers, epochs } = COUNTS
  const contributorOf = (contribution: number) => account(1 + (contribution % contributors))
  const contributionOf = (record: number) => record % contributions
  const cid = cidOf(new TextEncoder().encode('a record'))
  const recordDigest = (i: number) => idOf('record', i)

  const rows: Record<string, StoredRow[]> = {
    Datanet: times(datanets, (i) => ({
      ...{
        id: datanetOf(i),
        name: `Datanet ${i}`,
        modality: 'Text',
        licence: 'MIT',
        licenceFlags: 3,
        royaltyPpm: 0,
        owner: account(1),
      },
      ...{
        isCurated: false,
        isDisputed: false,
        version: contributions / datanets,
        recordCount: String(records / datanets),
      },
      ...{ contributorCount: 10, sizeBytes: '1000000', blockNumber: String(i), timestamp: '1790000000' },
    })),
    Account: times(contributors, (i) => ({
      ...{
        id: account(1 + i),
        contributionCount: 5,
        recordCount: '500',
        claimedWei: String(i),
        balanceWei: '0',
        recipient: null,
      },
      ...{ earnedAsNodeWei: '0', earnedAsOwnerWei: '0', earnedAsOperatorWei: '0' },
    })),
    ContributionStanding: [{ id: word(1), status: 'None', isDisputed: false, withdrawnAt: null }],
    Contribution: times(contributions, (i) => ({
      ...{
        id: idOf('contribution', i),
        datanet: datanetOf(i % datanets),
        contributor: contributorOf(i),
        version: Math.floor(i / datanets) + 1,
      },
      ...{
        licence: 'MIT',
        recordCount: '100',
        sizeBytes: '10000',
        recordRoot: word(i),
        manifestCid: cid,
        manifestDigest: word(i),
      },
      ...{
        blockNumber: String(1_000 + i),
        timestamp: '1790000000',
        transactionHash: word(i),
        standing: word(1),
        logIndex: 0,
      },
    })),
    ContributionManifest: times(contributions, (i) => ({
      ...{ id: idOf('contribution', i), contribution: idOf('contribution', i), cid, fault: null, recordCount: 100 },
      ...{ attributionName: `Contributor ${i % contributors}`, attributionUrl: null },
    })),
    Record: times(records, (i) => ({
      ...{
        id: `${idOf('contribution', contributionOf(i))}${(i + 1).toString(16).padStart(8, '0')}`,
        digest: recordDigest(i),
        cid,
        index: i,
      },
      ...{ contribution: idOf('contribution', contributionOf(i)), datanet: datanetOf(contributionOf(i) % datanets) },
      ...{
        contributor: contributorOf(contributionOf(i)),
        standing: word(1),
        sizeBytes: '100',
        mediaType: 'text/plain',
        title: `record ${i}`,
      },
    })),
    Model: times(10, (i) => ({
      ...{
        id: word(1 + i),
        kind: i === 0 ? 'Base' : 'Adapter',
        name: `model ${i}`,
        owner: account(1),
        licence: 'MIT',
        licenceFlags: 3,
      },
      ...{ royaltyPpm: 0, base: word(1), artefactCid: cid, trainingRoot: word(0), isDisputed: false, settledWei: '0' },
      ...{ contributorsWei: '0', stakersWei: '0', blockNumber: '1', timestamp: '1' },
    })),
    ReceiptBatch: times(epochs, (i) => ({
      ...{
        id: word(1 + i),
        receiptsRoot: word(i),
        receiptsCid: cid,
        transactionHash: word(i),
        blockNumber: String((i + 1) * 1_000 - 1),
      },
    })),
  }
  const epochOf = (answer: number) => Math.floor((answer * epochs) / answers)
  rows.Answer = times(answers, (i) => ({
    ...{
      id: idOf('id', i),
      receiptHash: receiptOf(i),
      sequence: String(i),
      model: word(2 + (i % 9)),
      node: account(1),
      payer: null,
    },
    ...{
      promptTokens: '100',
      completionTokens: '64',
      priceWei: '1000',
      timestampMs: String(1_790_000_000_000 + i),
      index: i,
    },
    ...{
      requestHash: word(1),
      responseHash: word(2),
      engineHash: word(3),
      previousReceipt: word(0),
      batch: word(1 + epochOf(i)),
    },
  }))
  const granted = new Map(times(contributors, (i) => [account(1 + i), 10n ** 18n] as const))
  rows.RewardRoot = times(epochs, (e) => {
    const number = e + 1
    const tree = new RewardTree(granted, number)
    const paid = times(answers, (i) => i).filter((i) => epochOf(i) === e)
    const dataCid = keep({
      ...{
        kind: 'openledger/epoch@1',
        number,
        fromBlock: e * 1_000,
        toBlock: number * 1_000,
        blockHash: word(e),
        parent: null,
      },
      ...{ engineHash: word(1), batches: [], reserveAccount: account(1), reserveWei: '0', words: tree.words },
      ...{ totalWei: String(tree.totalWei), root: tree.root },
      answers: paid.map((i) => {
        const canonical = (k: number) => recordDigest((i * 7 + k * 9_973) % records)
        const earner = (k: number) => contributorOf(contributionOf((i * 7 + k * 9_973) % records))
        const evidence = keep({
          ...{
            kind: 'openledger/evidence@1',
            receiptHash: receiptOf(i),
            modelId: word(2),
            features: cid,
            answerFeatures: cid,
          },
          ...{ verbatim: [], retrieval: [] },
          influence: times(INFLUENCES, (k) => ({
            ...{
              canonical: canonical(k),
              contributor: earner(k),
              scores: ['10', '12'],
              mean: '11',
              standardError: '1',
            },
            ...{ utility: String(100 - k), sharePpm: 100_000 },
          })),
        })
        const shares = times(SHARES, (k) => ({ account: earner(k), canonical: canonical(k), amountWei: '100' }))
        return { receiptHash: receiptOf(i), poolWei: '300', evidence, reserveWei: '0', shares }
      }),
    })
    return {
      ...{
        id: word(number),
        epoch: number,
        root: tree.root,
        dataCid,
        totalWei: String(tree.totalWei),
        toBlock: String(number * 1_000),
      },
      ...{
        blockHash: word(e),
        status: 'Proposed',
        opensAt: '1',
        isFrozen: false,
        proposer: account(1),
        transactionHash: word(e),
      },
      ...{ engineHash: word(1), timestamp: '1', isBondReleased: false, blockNumber: String(number * 1_000 + 1) },
    }
  })
  return { rows, blobs, block: BLOCK }
}
