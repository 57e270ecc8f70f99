import type { AnswerReceipt } from '@openledger/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitIntoPools } from './answer-pools.ts'

const hex = (n: number, digits: number) => `0x${n.toString(16).padStart(digits, '0')}` as `0x${string}`
const payer = (n: number) => hex(n, 40)
const model = (n: number) => hex(n, 64)

function receipt(n: number, priceWei: bigint, from = 1, of = 1) {
  const values = { payer: payer(from), modelId: model(of), priceWei: priceWei.toString() }
  return { receiptHash: hex(n, 64), receipt: values as AnswerReceipt }
}
const payment = (contributorsWei: bigint, from = 1, of = 1) => ({
  payer: payer(from),
  modelId: model(of),
  amountWei: contributorsWei * 2n,
  contributorsWei,
})
const poolsOf = (pools: { receiptHash: string; poolWei: bigint }[]) => pools.map(({ poolWei }) => poolWei)

test('a payment goes to the answers of its payer and model, by price', () => {
  const receipts = [receipt(1, 30n), receipt(2, 10n), receipt(3, 30n, 2), receipt(4, 30n, 1, 2)]
  const { pools, unexplainedWei } = splitIntoPools([payment(8n), payment(5n, 2), payment(3n, 1, 2)], receipts)
  expect(poolsOf(pools)).toEqual([6n, 2n, 5n, 3n])
  expect(unexplainedWei).toBe(0n)
})

test('an odd wei goes to the receipt with the smaller hash', () => {
  expect(poolsOf(splitIntoPools([payment(3n)], [receipt(2, 1n), receipt(1, 1n)]).pools)).toEqual([1n, 2n])
})

test('a channel that is settled twice in a batch is one sum', () => {
  const { pools } = splitIntoPools([payment(1n), payment(2n)], [receipt(1, 1n), receipt(2, 2n)])
  expect(poolsOf(pools)).toEqual([1n, 2n])
})

test('free answers and answers nobody paid for have no pool', () => {
  expect(splitIntoPools([payment(9n)], [receipt(1, 0n), receipt(2, 1n), receipt(3, 7n, 3)])).toMatchObject({
    pools: [{ receiptHash: hex(2, 64), poolWei: 9n }],
    unexplainedWei: 0n,
  })
})

test('a payment without priced receipts is not explained', () => {
  expect(splitIntoPools([payment(9n), payment(4n, 2)], [receipt(1, 0n)])).toEqual({ pools: [], unexplainedWei: 13n })
})

test('pools and what is unexplained sum to what was paid, and the order of payments changes nothing', () => {
  const wei = fc.bigInt({ min: 0n, max: 2n ** 90n })
  const few = fc.integer({ min: 1, max: 3 })
  const payments = fc.array(
    fc.tuple(wei, few, few).map((entry) => payment(...entry)),
    { maxLength: 8 },
  )
  const receipts = fc
    .array(fc.tuple(wei, few, few), { maxLength: 12 })
    .map((list) => list.map(([priceWei, from, of], index) => receipt(index, priceWei, from, of)))
  fc.assert(
    fc.property(payments, receipts, (paid, answered) => {
      const result = splitIntoPools(paid, answered)
      const total = paid.reduce((sum, { contributorsWei }) => sum + contributorsWei, 0n)
      expect(result.pools.reduce((sum, { poolWei }) => sum + poolWei, result.unexplainedWei)).toBe(total)
      expect(splitIntoPools([...paid].reverse(), answered)).toEqual(result)
    }),
    { numRuns: 1_000 },
  )
})
