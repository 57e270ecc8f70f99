import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { askEconomy, type Rows } from './testing/small-economy.ts'
import { readView, readViews } from './view-catalog.ts'

const DAY = 86_400
const ZERO = `0x${'0'.repeat(40)}`
/** 1970-01-11 */
const T = 10 * DAY

/** Two contributors, two Datanets; ada's record of Datanet d1 earned 60 + 15 wei, bob's of d2 earned 25. */
const EARNINGS: Rows = {
  Datanet: [
    { id: 'd1', name: 'First', recordCount: 3 },
    { id: 'd2', name: 'Second', recordCount: 2 },
    { id: 'd3', name: 'Empty', recordCount: 0 },
  ],
  Contribution: [
    { id: 'c1', datanet: 'd1', contributor: 'ada', version: 1, recordCount: 2, blockNumber: 1, logIndex: 0 },
    { id: 'c2', datanet: 'd1', contributor: 'eve', version: 2, recordCount: 1, blockNumber: 2, logIndex: 0 },
    { id: 'c3', datanet: 'd2', contributor: 'bob', version: 1, recordCount: 1, blockNumber: 3, logIndex: 0 },
    // ada lists her record again, later: it counts for d1
    { id: 'c4', datanet: 'd2', contributor: 'ada', version: 2, recordCount: 1, blockNumber: 3, logIndex: 1 },
  ],
  Record: [
    { id: 'r1', digest: 'x', contribution: 'c1', datanet: 'd1', contributor: 'ada', index: 0, title: 'X' },
    { id: 'r2', digest: 'y', contribution: 'c3', datanet: 'd2', contributor: 'bob', index: 0, title: 'Y' },
    { id: 'r3', digest: 'x', contribution: 'c4', datanet: 'd2', contributor: 'ada', index: 0, title: 'X again' },
  ],
  Account: [{ id: 'ada', claimedWei: 50 }],
  Settlement: [
    { id: 's1', contributorsWei: 70, blockNumber: 10, timestamp: T },
    { id: 's2', contributorsWei: 40, blockNumber: 20, timestamp: T + DAY },
    { id: 's3', contributorsWei: 7, blockNumber: 30, timestamp: T + 2 * DAY },
  ],
  epoch: [
    { epoch: 1, manifest: 'm1', from_block: 0, to_block: 15, answers: 2, paid_wei: 60, reserve_wei: 10 },
    { epoch: 2, manifest: 'm2', from_block: 16, to_block: 25, answers: 1, paid_wei: 40, reserve_wei: 0 },
    { epoch: 3, manifest: 'm3', from_block: 26, to_block: 40, answers: 1, paid_wei: 7, reserve_wei: 0 },
  ],
  RewardRoot: [
    { id: '0x01', epoch: 1, status: 'Proposed' },
    { id: '0x03', epoch: 3, status: 'Rejected' },
  ],
  payout: [
    { epoch: 1, receipt_hash: 'a1', canonical: 'x', holder: 'ada', amount_wei: 60 },
    { epoch: 2, receipt_hash: 'a2', canonical: 'x', holder: 'ada', amount_wei: 15 },
    { epoch: 2, receipt_hash: 'a2', canonical: 'y', holder: 'bob', amount_wei: 25 },
    { epoch: 3, receipt_hash: 'a3', canonical: 'y', holder: 'bob', amount_wei: 7 },
  ],
}

test('every view has the columns that its comment describes, and no others', async () => {
  const views = readViews()
  const described = await askEconomy({}, ...views.map(({ name }) => `DESCRIBE ${name}`))
  for (const [index, { name, columns }] of views.entries()) {
    expect([name, ...described[index]!.map((row) => row.column_name)]).toEqual([
      name,
      ...columns.map((column) => column.name),
    ])
  }
  expect(views.length).toBeGreaterThanOrEqual(16)
})

test('no column of a view is a floating-point number', async () => {
  const described = await askEconomy({}, ...readViews().map(({ name }) => `DESCRIBE ${name}`))
  const types = new Set(described.flat().map((row) => String(row.column_type)))
  expect([...types].sort()).toEqual(['BIGINT', 'DATE', 'HUGEINT', 'INTEGER', 'VARCHAR'])
})

test('over an empty index every view answers', async () => {
  const rows = await askEconomy({}, ...readViews().map(({ name }) => `FROM ${name}`))
  const filled = readViews().filter((_, index) => rows[index]!.length > 0)
  expect(filled.map(({ name }) => name)).toEqual(['epoch_reconciliation', 'money_total'])
})

test.each([
  ['no question', '-- Words.\n--\n-- Notes.\n--\n-- a | wei | b\nCREATE VIEW v AS\nSELECT 1'],
  ['a column without a unit', '-- What?\n--\n-- Notes.\n--\n-- a | b\nCREATE VIEW v AS\nSELECT 1'],
  ['another name', '-- What?\n--\n-- Notes.\n--\n-- a | wei | b\nCREATE VIEW w AS\nSELECT 1'],
])('a file with %s is no view', (_, text) => {
  expect(() => readView('v', text)).toThrow(/v\.sql/)
})

test('money passes the stages on its days, and the totals are the days’ sums', async () => {
  const rows: Rows = {
    EscrowMovement: [
      { id: '1', amountWei: 1_000, timestamp: T },
      { id: '2', amountWei: -100, timestamp: T + 5 },
      { id: '3', amountWei: 10n ** 27n, timestamp: T + DAY },
    ],
    Division: [
      {
        id: '1',
        amountWei: 100,
        protocolWei: 5,
        nodeWei: 40,
        baseOwnerWei: 10,
        adapterOwnerWei: 15,
        stakersWei: 0,
        contributorsWei: 30,
        blockNumber: 10,
        timestamp: T,
      },
      {
        id: '2',
        amountWei: 50,
        protocolWei: 2,
        nodeWei: 20,
        baseOwnerWei: 5,
        adapterOwnerWei: 7,
        stakersWei: 4,
        contributorsWei: 12,
        blockNumber: 11,
        timestamp: T + DAY,
      },
    ],
    epoch: [{ epoch: 1, from_block: 0, to_block: 10, paid_wei: 30, reserve_wei: 0, answers: 1 }],
    Sweep: [{ id: '1', amountWei: 30, timestamp: T + DAY }],
    Emission: [{ id: '1', amountWei: 9, timestamp: T }],
    DripFunding: [{ id: '1', amountWei: 39, timestamp: T + DAY }],
    Drip: [{ id: '1', amountWei: 31, timestamp: T + DAY }],
    Funding: [{ id: '1', amountWei: 31, timestamp: T + DAY }],
    Claim: [{ id: '1', amountWei: 21, timestamp: T + DAY }],
    Contract: [
      { id: '0xa', name: 'OpenToken' },
      { id: '0xb', name: 'WrappedOpen' },
    ],
    TokenTransfer: [
      { id: '1', token: '0xa', from: '0x1', to: ZERO, amountWei: 8, timestamp: T },
      { id: '2', token: '0xb', from: '0x1', to: ZERO, amountWei: 99, timestamp: T },
      { id: '3', token: '0xa', from: '0x1', to: '0x2', amountWei: 99, timestamp: T },
    ],
  }
  const [days, totals] = await askEconomy(rows, 'FROM money_by_day', 'FROM money_total')
  expect(days).toEqual([
    {
      day: '1970-01-11',
      deposited_wei: 1_000n,
      withdrawn_wei: 100n,
      settled_wei: 100n,
      protocol_wei: 5n,
      node_wei: 40n,
      base_owner_wei: 10n,
      adapter_owner_wei: 15n,
      stakers_wei: 0n,
      contributors_wei: 30n,
      pending_wei: 0n,
      swept_wei: 0n,
      emitted_wei: 9n,
      drip_funded_wei: 0n,
      dripped_wei: 0n,
      funded_wei: 0n,
      claimed_wei: 0n,
      burnt_wei: 8n,
    },
    {
      day: '1970-01-12',
      deposited_wei: 10n ** 27n,
      withdrawn_wei: 0n,
      settled_wei: 50n,
      protocol_wei: 2n,
      node_wei: 20n,
      base_owner_wei: 5n,
      adapter_owner_wei: 7n,
      stakers_wei: 4n,
      contributors_wei: 12n,
      pending_wei: 12n,
      swept_wei: 30n,
      emitted_wei: 0n,
      drip_funded_wei: 39n,
      dripped_wei: 31n,
      funded_wei: 31n,
      claimed_wei: 21n,
      burnt_wei: 0n,
    },
  ])
  const sums = Object.entries(days![0]!)
    .filter(([name]) => name !== 'day')
    .map(([name, wei]) => [name, (wei as bigint) + (days![1]![name] as bigint)])
  expect(totals).toEqual([Object.fromEntries(sums)])
})

test('contributors’ earnings leave rejected epochs out, and keep who earned nothing', async () => {
  const [rows] = await askEconomy(EARNINGS, 'FROM earnings_by_contributor')
  const common = { payouts: 0, paid_records: 0, claimed_wei: 0n }
  expect(rows).toEqual([
    {
      contributor: 'ada',
      contributions: 2,
      records: 3,
      paid_records: 1,
      payouts: 2,
      earned_wei: 75n,
      claimed_wei: 50n,
      unclaimed_wei: 25n,
      share_ppm: 750_000,
    },
    {
      ...common,
      contributor: 'bob',
      contributions: 1,
      records: 1,
      paid_records: 1,
      payouts: 1,
      earned_wei: 25n,
      unclaimed_wei: 25n,
      share_ppm: 250_000,
    },
    { ...common, contributor: 'eve', contributions: 1, records: 1, earned_wei: 0n, unclaimed_wei: 0n, share_ppm: 0 },
  ])
})

test('a record that is listed twice earns for the Datanet where it stood first', async () => {
  const [datanets, records] = await askEconomy(EARNINGS, 'FROM earnings_by_datanet', 'FROM earnings_by_record')
  expect(datanets).toEqual([
    {
      datanet: 'd1',
      name: 'First',
      records: 3,
      paid_records: 1,
      paid_contributors: 1,
      payouts: 2,
      earned_wei: 75n,
      wei_per_record: 25,
      share_ppm: 750_000,
    },
    {
      datanet: 'd2',
      name: 'Second',
      records: 2,
      paid_records: 1,
      paid_contributors: 1,
      payouts: 1,
      earned_wei: 25n,
      wei_per_record: 12,
      share_ppm: 250_000,
    },
    {
      datanet: 'd3',
      name: 'Empty',
      records: 0,
      paid_records: 0,
      paid_contributors: 0,
      payouts: 0,
      earned_wei: 0n,
      wei_per_record: null,
      share_ppm: 0,
    },
  ])
  expect(records).toEqual([
    {
      canonical: 'x',
      title: 'X',
      datanet: 'd1',
      contribution: 'c1',
      contributor: 'ada',
      answers: 2,
      earned_wei: 75n,
      first_epoch: 1,
      last_epoch: 2,
    },
    {
      canonical: 'y',
      title: 'Y',
      datanet: 'd2',
      contribution: 'c3',
      contributor: 'bob',
      answers: 1,
      earned_wei: 25n,
      first_epoch: 2,
      last_epoch: 2,
    },
  ])
})

test('what was paid for a record without a readable manifest is not lost', async () => {
  const [datanets, records] = await askEconomy(
    { ...EARNINGS, Record: [] },
    'FROM earnings_by_datanet LIMIT 1',
    'FROM earnings_by_record',
  )
  expect(datanets).toMatchObject([{ datanet: null, name: null, paid_records: 2, earned_wei: 100n }])
  expect(records).toMatchObject([{ canonical: 'x', datanet: null, title: null, earned_wei: 75n }, { canonical: 'y' }])
})

test('earnings stand on the day of their epoch’s last settlement', async () => {
  const [rows] = await askEconomy(EARNINGS, 'FROM earnings_by_day')
  expect(rows).toEqual([
    { day: '1970-01-11', epochs: 1, answers: 2, payouts: 1, paid_contributors: 1, paid_wei: 60n, reserve_wei: 10n },
    { day: '1970-01-12', epochs: 1, answers: 1, payouts: 2, paid_contributors: 2, paid_wei: 40n, reserve_wei: 0n },
  ])
})

test('every epoch that stands pays out what came in, and the rest is pending', async () => {
  const [rows] = await askEconomy(EARNINGS, 'FROM epoch_reconciliation')
  expect(rows).toEqual([
    {
      epoch: 1,
      from_block: 0,
      to_block: 15,
      answers: 2,
      fees_in_wei: 70n,
      paid_wei: 60n,
      reserve_wei: 10n,
      pending_wei: 0n,
      difference_wei: 0n,
    },
    {
      epoch: 2,
      from_block: 16,
      to_block: 25,
      answers: 1,
      fees_in_wei: 40n,
      paid_wei: 40n,
      reserve_wei: 0n,
      pending_wei: 0n,
      difference_wei: 0n,
    },
    {
      epoch: null,
      from_block: 26,
      to_block: null,
      answers: null,
      fees_in_wei: 7n,
      paid_wei: 0n,
      reserve_wei: 0n,
      pending_wei: 7n,
      difference_wei: 0n,
    },
  ])
})

test('a wei that is lost or made shows as a difference', async () => {
  const payout = EARNINGS.payout!.map((row) => (row.receipt_hash === 'a1' ? { ...row, amount_wei: 59 } : row))
  const [rows] = await askEconomy({ ...EARNINGS, payout }, 'SELECT epoch, difference_wei FROM epoch_reconciliation')
  expect(rows).toMatchObject([{ difference_wei: 1n }, { difference_wei: 0n }, { difference_wei: 0n }])
})

const weiOf = fc.bigInt({ min: 0n, max: 10n ** 27n })
property.prop([fc.array(fc.tuple(weiOf, weiOf, weiOf, fc.boolean()), { minLength: 1, maxLength: 6 })], { numRuns: 15 })(
  'reconciliation closes to the wei whatever the amounts, and adds up to all fees',
  async (epochs) => {
    const fees = (index: number) => epochs[index]!.slice(0, 3).reduce<bigint>((sum, wei) => sum + (wei as bigint), 0n)
    const rows: Rows = {
      Settlement: epochs.map((_, index) => ({
        id: `s${index}`,
        contributorsWei: fees(index),
        blockNumber: index * 10 + 5,
        timestamp: T,
      })),
      epoch: epochs.flatMap(([a, b, reserve], index) =>
        // Only the last one may be pending: epochs follow each other without gaps.
        index === epochs.length - 1 && epochs[index]![3]
          ? []
          : [
              {
                epoch: index + 1,
                from_block: index * 10,
                to_block: index * 10 + 9,
                answers: 1,
                paid_wei: a + b,
                reserve_wei: reserve,
              },
            ],
      ),
      payout: epochs.flatMap(([a, b], index) => [
        { epoch: index + 1, receipt_hash: `a${index}`, canonical: 'x', holder: 'ada', amount_wei: a },
        { epoch: index + 1, receipt_hash: `a${index}`, canonical: 'y', holder: 'bob', amount_wei: b },
      ]),
    }
    const [lines] = await askEconomy(rows, 'FROM epoch_reconciliation')
    expect(lines!.every((line) => line.difference_wei === 0n)).toBe(true)
    const inWei = lines!.reduce((sum, line) => sum + (line.fees_in_wei as bigint), 0n)
    expect(inWei).toBe(epochs.reduce((sum, _, index) => sum + fees(index), 0n))
  },
)

/** `amounts` of so many contributors of one Datanet. */
function spread(amounts: readonly bigint[]): Rows {
  return {
    Datanet: [{ id: 'd', name: 'D', recordCount: amounts.length }],
    Contribution: amounts.map((_, index) => ({
      id: `c${index}`,
      datanet: 'd',
      contributor: `p${index}`,
      version: index + 1,
      recordCount: 1,
      blockNumber: index,
      logIndex: 0,
    })),
    Record: amounts.map((_, index) => ({
      id: `r${index}`,
      digest: `x${index}`,
      contribution: `c${index}`,
      datanet: 'd',
      contributor: `p${index}`,
      index: 0,
      title: 't',
    })),
    epoch: [{ epoch: 1, from_block: 0, to_block: 9, answers: 1, paid_wei: 0, reserve_wei: 0 }],
    payout: amounts.flatMap((wei, index) =>
      wei === 0n ? [] : [{ epoch: 1, receipt_hash: 'a', canonical: `x${index}`, holder: `p${index}`, amount_wei: wei }],
    ),
  }
}

test('the Gini coefficient of equal earnings is 0', async () => {
  const [rows] = await askEconomy(spread(Array.from({ length: 10 }, () => 10n ** 26n)), 'FROM concentration')
  const even = {
    contributors: 10,
    earners: 10,
    earned_wei: 10n ** 27n,
    gini_numerator: 0n,
    gini_ppm: 0,
    top_1_percent: 1,
    top_1_ppm: 100_000,
    top_10_percent: 1,
    top_10_ppm: 100_000,
  }
  expect(rows).toMatchObject(
    [
      { scope: 'all', name: null },
      { scope: 'd', name: 'D' },
    ].map((row) => ({ ...row, ...even })),
  )
})

test('the Gini coefficient of one holder among n is (n - 1) / n', async () => {
  const amounts = Array.from({ length: 20 }, (_, index) => (index === 7 ? 10n ** 27n : 0n))
  const [rows] = await askEconomy(spread(amounts), "FROM concentration WHERE scope = 'd'")
  expect(rows).toMatchObject([
    { earners: 1, gini_ppm: 950_000, top_1_percent: 1, top_1_ppm: 1_000_000, top_10_percent: 2, top_10_ppm: 1_000_000 },
  ])
  const { gini_numerator: numerator, gini_denominator: denominator } = rows![0] as Record<string, bigint>
  expect(numerator! * 20n).toBe(denominator! * 19n)
})

test('the Gini coefficient of 1, 2, 3 is 2/9', async () => {
  const [rows] = await askEconomy(spread([3n, 1n, 2n]), "FROM concentration WHERE scope = 'all'")
  expect(rows).toMatchObject([{ gini_numerator: 4n, gini_denominator: 18n, gini_ppm: 222_222, top_10_ppm: 500_000 }])
})

test('where nobody earned anything there is no concentration', async () => {
  const [rows] = await askEconomy(spread([0n, 0n]), 'FROM concentration')
  expect(rows).toMatchObject([
    { contributors: 2, earners: 0, gini_denominator: 0n, gini_ppm: null, top_1_ppm: null },
    {},
  ])
})

/** d1 → m1 → m2 → m3, d2 → m2; m1 and m2 also reach m4. d1's version 2 came after m1 was trained. */
const LINEAGE: Rows = {
  Datanet: [
    { id: 'd1', name: 'D1' },
    { id: 'd2', name: 'D2' },
    { id: 'd3', name: 'D3' },
  ],
  Contribution: [
    { id: 'c1', datanet: 'd1', contributor: 'ada', version: 1, recordCount: 4, blockNumber: 1, logIndex: 0 },
    { id: 'c2', datanet: 'd1', contributor: 'bob', version: 2, recordCount: 6, blockNumber: 2, logIndex: 0 },
    { id: 'c3', datanet: 'd2', contributor: 'bob', version: 1, recordCount: 5, blockNumber: 3, logIndex: 0 },
  ],
  Record: [{ id: 'r1', digest: 'x', contribution: 'c1', datanet: 'd1', contributor: 'ada', index: 0, title: 'X' }],
  Model: [
    { id: 'b', kind: 'Base', name: 'base', owner: 'o', base: 'b', settledWei: 1, contributorsWei: 0 },
    { id: 'm1', kind: 'Adapter', name: 'one', owner: 'o', base: 'b', settledWei: 100, contributorsWei: 40 },
    { id: 'm2', kind: 'Adapter', name: 'two', owner: 'o', base: 'b', settledWei: 200, contributorsWei: 80 },
    { id: 'm3', kind: 'Adapter', name: 'three', owner: 'o', base: 'b', settledWei: 0, contributorsWei: 0 },
    { id: 'm4', kind: 'Head', name: 'four', owner: 'o', base: 'b', settledWei: 7, contributorsWei: 2 },
  ],
  ModelParent: [
    { id: '1', model: 'm1', index: 0, datanet: 'd1', version: 1 },
    { id: '2', model: 'm2', index: 0, parentModel: 'm1', version: 0 },
    { id: '3', model: 'm2', index: 1, datanet: 'd2', version: 1 },
    { id: '4', model: 'm3', index: 0, parentModel: 'm2', version: 0 },
    { id: '5', model: 'm4', index: 0, parentModel: 'm1', version: 0 },
    { id: '6', model: 'm4', index: 1, parentModel: 'm2', version: 0 },
    { id: '7', model: 'm1', index: 1, parentModel: 'b', version: 0 },
  ],
  Answer: [
    { id: 'a1', model: 'm1' },
    { id: 'a2', model: 'm2' },
    { id: 'a3', model: 'm2' },
    { id: 'a4', model: 'b' },
  ],
}

test('lineage is followed through parents, on the shortest path', async () => {
  const [rows] = await askEconomy(LINEAGE, 'FROM model_sources')
  expect(rows!.map(({ model, datanet, version, depth }) => `${model} ${datanet} v${version} depth ${depth}`)).toEqual([
    'm1 d1 v1 depth 0',
    'm2 d1 v1 depth 1',
    'm2 d2 v1 depth 0',
    'm3 d1 v1 depth 2',
    'm3 d2 v1 depth 1',
    'm4 d1 v1 depth 1',
    'm4 d2 v1 depth 1',
  ])
})

test('a Datanet, a contribution and a record reach all that was made from them', async () => {
  const [datanets, contributions, records] = await askEconomy(
    LINEAGE,
    'FROM reach_by_datanet',
    'FROM reach_by_contribution ORDER BY contribution',
    'FROM reach_by_record',
  )
  expect(datanets).toEqual([
    {
      datanet: 'd1',
      name: 'D1',
      direct_models: 1,
      models: 4,
      depth: 2,
      answers: 3,
      settled_wei: 307n,
      contributors_wei: 122n,
    },
    {
      datanet: 'd2',
      name: 'D2',
      direct_models: 1,
      models: 3,
      depth: 1,
      answers: 2,
      settled_wei: 207n,
      contributors_wei: 82n,
    },
    {
      datanet: 'd3',
      name: 'D3',
      direct_models: 0,
      models: 0,
      depth: null,
      answers: 0,
      settled_wei: 0n,
      contributors_wei: 0n,
    },
  ])
  expect(contributions).toEqual([
    {
      contribution: 'c1',
      datanet: 'd1',
      contributor: 'ada',
      records: 4,
      direct_models: 1,
      models: 4,
      answers: 3,
      settled_wei: 307n,
      contributors_wei: 122n,
    },
    {
      contribution: 'c2',
      datanet: 'd1',
      contributor: 'bob',
      records: 6,
      direct_models: 0,
      models: 0,
      answers: 0,
      settled_wei: 0n,
      contributors_wei: 0n,
    },
    {
      contribution: 'c3',
      datanet: 'd2',
      contributor: 'bob',
      records: 5,
      direct_models: 1,
      models: 3,
      answers: 2,
      settled_wei: 207n,
      contributors_wei: 82n,
    },
  ])
  expect(records).toEqual([
    {
      record: 'r1',
      digest: 'x',
      title: 'X',
      contribution: 'c1',
      contributor: 'ada',
      direct_models: 1,
      models: 4,
      answers: 3,
      settled_wei: 307n,
      contributors_wei: 122n,
    },
  ])
})

test('adapters are ranked by revenue for each record that they were registered with', async () => {
  const [rows] = await askEconomy(
    LINEAGE,
    'SELECT rank, model, answers, training_records, wei_per_record FROM adapters_by_revenue',
  )
  expect(rows).toEqual([
    { rank: 1, model: 'm2', answers: 2, training_records: 5, wei_per_record: 40 },
    { rank: 2, model: 'm1', answers: 1, training_records: 4, wei_per_record: 25 },
    { rank: 3, model: 'm3', answers: 0, training_records: 0, wei_per_record: null },
    { rank: 3, model: 'm4', answers: 0, training_records: 0, wei_per_record: null },
  ])
})

test('validators are judged by how contributions ended', async () => {
  const rows: Rows = {
    Agent: [
      { id: 'a1', number: 1, operator: 'op' },
      { id: 'a2', number: 2, operator: 'op' },
    ],
    StakePool: [{ id: 'a1', activeWei: 500, slashedWei: 3 }],
    DatanetValidator: [
      { id: '1', datanet: 'd', agent: 'a1', listed: true },
      { id: '2', datanet: 'd', agent: 'a2', listed: false },
    ],
    ContributionStanding: [
      { id: 's1', status: 'Accepted' },
      { id: 's2', status: 'Refused' },
      { id: 's3', status: 'Pending' },
      { id: 's4', status: 'Drawn' },
    ],
    Validation: [
      { id: '1', agent: 'a1', standing: 's1', isAccepted: true },
      { id: '2', agent: 'a1', standing: 's2', isAccepted: false },
      { id: '3', agent: 'a1', standing: 's2', isAccepted: true },
      { id: '4', agent: 'a1', standing: 's3', isAccepted: true },
      { id: '5', agent: 'a2', standing: 's4', isAccepted: false },
    ],
  }
  const [found] = await askEconomy(rows, 'FROM validator_quality')
  expect(found).toEqual([
    {
      agent: 'a1',
      number: 1,
      operator: 'op',
      listed_by: 1,
      votes: 4,
      accepts: 3,
      rejects: 1,
      right_votes: 2,
      wrong_votes: 1,
      open_votes: 1,
      right_ppm: 666_666,
      active_wei: 500n,
      slashed_wei: 3n,
    },
    {
      agent: 'a2',
      number: 2,
      operator: 'op',
      listed_by: 0,
      votes: 1,
      accepts: 0,
      rejects: 1,
      right_votes: 0,
      wrong_votes: 0,
      open_votes: 1,
      right_ppm: null,
      active_wei: 0n,
      slashed_wei: 0n,
    },
  ])
})

test('agents and models are judged by audits, clients and faults', async () => {
  const rows: Rows = {
    Agent: [{ id: 'a1', number: 1, operator: 'op' }],
    Model: [{ id: 'm1', kind: 'Adapter', name: 'one' }],
    QualityScore: [
      { id: 'a1', qualityPpm: 990_000 },
      { id: 'm1', qualityPpm: 970_000 },
    ],
    QualityReport: [
      { id: '1', score: 'a1', sampleCount: 10, matched: 9, latencyP95Ms: 400, uptimePpm: 999_000 },
      { id: '2', score: 'a1', sampleCount: 20, matched: 20, latencyP95Ms: 700, uptimePpm: 1_000_000 },
      { id: '3', score: 'm1', sampleCount: 8, matched: 4, latencyP95Ms: 1, uptimePpm: 1 },
    ],
    Feedback: [
      { id: '1', agent: 'a1', isRevoked: false },
      { id: '2', agent: 'a1', isRevoked: true },
    ],
    AgentValidation: [
      { id: '1', agent: 'a1', response: 80 },
      { id: '2', agent: 'a1', response: 95 },
      { id: '3', agent: 'a1', response: null },
    ],
    ReplayFault: [{ id: '1', agent: 'a1' }],
    Dispute: [
      { id: '1', pool: 'a1', status: 'Upheld' },
      { id: '2', pool: 'a1', status: 'Drawn' },
    ],
    TrainingJob: [
      { id: '1', agent: 'a1', status: 'Paid' },
      { id: '2', agent: 'a1', status: 'Refunded' },
    ],
    StakePool: [{ id: 'a1', activeWei: 5, slashedWei: 2 }],
    Evaluation: [
      { id: '1', model: 'm1', isFlagged: false, challengeCount: 2 },
      { id: '2', model: 'm1', isFlagged: true, challengeCount: 1 },
    ],
  }
  const [agents, models] = await askEconomy(rows, 'FROM agent_quality', 'FROM model_quality')
  expect(agents).toEqual([
    {
      agent: 'a1',
      number: 1,
      operator: 'op',
      quality_ppm: 990_000,
      reports: 2,
      samples: 30,
      matched: 29,
      matched_ppm: 966_666,
      worst_p95_ms: 700,
      least_uptime_ppm: 999_000,
      feedback: 1,
      validations: 2,
      validation_mean_ppm: 875_000,
      faults: 1,
      upheld_disputes: 1,
      jobs_paid: 1,
      active_wei: 5n,
      slashed_wei: 2n,
    },
  ])
  expect(models).toEqual([
    {
      model: 'm1',
      name: 'one',
      kind: 'Adapter',
      quality_ppm: 970_000,
      reports: 1,
      samples: 8,
      matched: 4,
      matched_ppm: 500_000,
      evaluations: 1,
      flagged: 1,
      challenges: 3,
      active_wei: 0n,
      slashed_wei: 0n,
    },
  ])
})
