import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnsOf, type EntityRow, type EntitySource, LineageStore, readEntitySchema } from '@openledger/lineage-store'
import { afterEach, expect, test } from 'vitest'
import { ChainFacts } from '../chain/chain-facts.ts'
import type { ChainEvent } from '../chain/read-events.ts'
import { ZERO_HASH } from './facts.ts'
import { LineageFacts } from './lineage-facts.ts'

const schema = readFileSync(join(import.meta.dirname, '../../../schema.graphql'), 'utf8')
const hex = (n: number, digits = 64) => `0x${n.toString(16).padStart(digits, '0')}` as `0x${string}`
const [nodeA, nodeB, payer] = [hex(1, 40), hex(2, 40), hex(3, 40)]
const MODEL = hex(7)

let open: LineageStore | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

/** A batch of two payments with its events, as the escrow would emit them. */
function batch(number: number, node: `0x${string}`, blockNumber: number, firstSequence: number): ChainEvent[] {
  const at = { blockNumber, logIndex: 0, transactionHash: hex(number) }
  const anchored = {
    node,
    batch: BigInt(number),
    receiptsRoot: hex(100 + number),
    receiptsDigest: hex(200 + number),
    receiptCount: 2n,
    firstSequence: BigInt(firstSequence),
    lastReceiptHash: hex(300 + number),
    totalWei: 30n,
  }
  const settled = [1n, 2n].map((part, index) => ({
    ...at,
    logIndex: index + 1,
    name: 'Settled',
    values: { node, batch: BigInt(number), payer, modelId: MODEL, amountWei: part * 10n, contributorsWei: part * 4n },
  }))
  return [{ ...at, name: 'ReceiptsAnchored', values: anchored }, ...settled]
}

const events: ChainEvent[] = [
  ...batch(1, nodeA, 5, 0),
  {
    name: 'FeaturesPublished',
    values: { modelId: MODEL, featuresDigest: hex(9) },
    blockNumber: 6,
    logIndex: 0,
    transactionHash: hex(50),
  },
  ...batch(2, nodeB, 8, 0),
  ...batch(3, nodeA, 8, 2),
  {
    name: 'FeaturesPublished',
    values: { modelId: hex(8), featuresDigest: hex(10) },
    blockNumber: 12,
    logIndex: 0,
    transactionHash: hex(51),
  },
  ...batch(4, nodeB, 12, 2),
]

/** The rows that the subgraph makes of the events, all in one block of the index. */
async function mirror(given: readonly ChainEvent[], headBlock = 20): Promise<LineageFacts> {
  const rowsOf: Record<string, (event: ChainEvent) => Record<string, unknown> | null> = {
    ReceiptBatch: ({ name, values, ...place }) => {
      if (name !== 'ReceiptsAnchored') return null
      const { batch: number, ...anchored } = values
      return { ...anchored, number, id: `${values.node}${number}`, receiptsCid: 'cid', timestamp: 0, ...place }
    },
    Settlement: ({ name, values, ...place }) => {
      if (name !== 'Settled') return null
      const { modelId: model, batch, ...paid } = values
      const parts = { cumulativeWei: 0, protocolWei: 0, nodeWei: 0, baseOwnerWei: 0, adapterOwnerWei: 0 }
      const id = `${place.transactionHash}${place.logIndex}`
      return { ...paid, ...parts, id, model, channel: '0x', batch: `${values.node}${batch}`, timestamp: 0, ...place }
    },
    Features: ({ name, values, ...place }) =>
      name === 'FeaturesPublished'
        ? {
            id: values.modelId,
            model: values.modelId,
            attester: '0x',
            digest: values.featuresDigest,
            cid: 'cid',
            timestamp: 0,
            ...place,
          }
        : null,
  }
  const source: EntitySource = {
    stamps: 'read',
    head: async () => ({ number: headBlock, hash: hex(headBlock), deployment: 'Qm' }),
    hashOf: async (number) => hex(number),
    async *rows() {
      for (const entity of readEntitySchema(schema).entities) {
        const rows = given.flatMap<EntityRow>((event) => rowsOf[entity.name]?.(event) ?? [])
        if (rows.length > 0) yield { entity: entity.name, columns: columnsOf(entity, rows, headBlock) }
      }
    },
  }
  open = await LineageStore.open(':memory:', { schema, source })
  await open.sync()
  return new LineageFacts(open)
}

test.each([
  ['all blocks', 0, 20],
  ['the first batch', 0, 6],
  ['two batches in one block', 7, 8],
  ['what continues an earlier batch', 9, 12],
  ['nothing', 13, 20],
])('the mirror gives the same facts as the chain: %s', async (_, fromBlock, toBlock) => {
  const facts = await mirror(events)
  expect(await facts.read(fromBlock, toBlock)).toEqual(await new ChainFacts(events).read(fromBlock, toBlock))
})

test('a node’s first batch continues nothing, its next one the last receipt before it', async () => {
  const { batches } = await (await mirror(events)).read(0, 20)
  expect(batches.map(({ previousReceipt }) => previousReceipt)).toEqual([ZERO_HASH, ZERO_HASH, hex(301), hex(302)])
})

test('a mirror that does not reach the end of the epoch is refused, to be asked again', async () => {
  const facts = await mirror(events, 11)
  await expect(facts.read(0, 12)).rejects.toMatchObject({ code: 'lineage.behind', retryable: true })
})

test.each([
  ['a batch', (event: ChainEvent) => event.values.batch !== 2n],
  [
    'a payment',
    ({ name, values, logIndex }: ChainEvent) => name !== 'Settled' || values.batch !== 3n || logIndex !== 1,
  ],
])('a mirror that lost %s is found by the escrow’s own sums', async (_, kept) => {
  const facts = await mirror(events.filter(kept))
  await expect(facts.read(0, 20)).rejects.toMatchObject({ code: 'lineage.incomplete', retryable: true })
})
