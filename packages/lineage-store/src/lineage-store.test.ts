import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { readEntitySchema } from './entity-schema.ts'
import { LineageStore } from './lineage-store.ts'
import { ScriptedChain } from './scripted-chain.ts'

const schema = readFileSync(new URL('./testdata/schema.graphql', import.meta.url), 'utf8')
const { entities } = readEntitySchema(schema)
const MAX_UINT256 = 2n ** 256n - 1n

const open: LineageStore[] = []
afterEach(async () => {
  for (const store of open.splice(0)) await store.close()
})

async function openStore(chain: ScriptedChain, file = ':memory:', options: Partial<LineageStore.Options> = {}) {
  const store = await LineageStore.open(file, { schema, source: chain, ...options })
  open.push(store)
  return store
}

function payment(id: number, amountWei: bigint | number, account = '0xaa') {
  const row = {
    id: `0x${id.toString(16).padStart(8, '0')}`,
    account,
    amountWei: String(amountWei),
    from: '0x01',
    tags: ['a', "it's"],
    kind: 'Fee',
    note: null,
    blockNumber: id,
  }
  return { entity: 'Payment', row }
}

function account(id: string, totalWei: bigint | number) {
  const row = {
    id,
    totalWei: String(totalWei),
    frozen: false,
    lastPaidAt: '1700000000000000',
    rate: '0.1',
    friends: ['0xbb'],
  }
  return { entity: 'Account', row }
}

test('rows keep every digit, lists and nulls, and are stamped with their block', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine()
  const block = chain.mine([payment(1, MAX_UINT256), account('0xaa', 5)])
  const store = await openStore(chain)
  expect(await store.sync()).toEqual({ number: 1, hash: block.hash })
  expect(await store.query('SELECT * FROM Payment')).toEqual([
    { ...payment(1, 0).row, _block: 1n, amountWei: MAX_UINT256 },
  ])
  expect(await store.query('SELECT * FROM Account')).toEqual([
    { ...account('0xaa', 0).row, _block: 1n, totalWei: 5n, lastPaidAt: 1_700_000_000_000_000n },
  ])
})

test('sums of amounts wider than a double are exact', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, MAX_UINT256), payment(2, MAX_UINT256), payment(3, 1)])
  const store = await openStore(chain)
  await store.sync()
  expect(await store.query('SELECT sum(amountWei) AS total FROM Payment')).toEqual([{ total: 2n * MAX_UINT256 + 1n }])
})

test('a value given as a parameter is compared with every digit', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 2n ** 96n), payment(2, 2n ** 96n + 1n)])
  const store = await openStore(chain)
  await store.sync()
  const rows = await store.query('SELECT id FROM Payment WHERE amountWei = CAST($1 AS BIGNUM)', [
    String(2n ** 96n + 1n),
  ])
  expect(rows).toEqual([{ id: '0x00000002' }])
})

test('more rows than a page holds are all read', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine(Array.from({ length: 2_500 }, (_, index) => payment(index, index)))
  const store = await openStore(chain)
  await store.sync()
  expect(await store.query('SELECT count(*) AS rows, sum(amountWei) AS total FROM Payment')).toEqual([
    { rows: 2_500n, total: (2_499n * 2_500n) / 2n },
  ])
  expect(chain.batches).toBe(3)
})

test('the newest version of a running total is shown, and the older ones are kept', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine([account('0xaa', 1)])
  const store = await openStore(chain)
  await store.sync()
  chain.mine([account('0xaa', 7)])
  await store.sync()
  expect(await store.query('SELECT totalWei FROM Account')).toEqual([{ totalWei: 7n }])
  expect(await store.query('SELECT _block, totalWei FROM Account_versions ORDER BY _block')).toEqual([
    { _block: 0n, totalWei: 1n },
    { _block: 1n, totalWei: 7n },
  ])
})

test('with a source that tells when rows were written, an entity can be read as of any block', async () => {
  const chain = new ScriptedChain(entities, 'written')
  for (let block = 0; block < 4; block++) chain.mine([payment(block, 1), account('0xaa', block)])
  chain.mine()
  const store = await openStore(chain)
  await store.sync()
  expect(await store.query('SELECT _block, totalWei FROM Account')).toEqual([{ _block: 3n, totalWei: 3n }])
  expect(await store.query('SELECT totalWei FROM Account_as_of(2)')).toEqual([{ totalWei: 2n }])
  expect(await store.query('SELECT _block FROM Payment_as_of(1) ORDER BY id')).toEqual([{ _block: 0n }, { _block: 1n }])
})

test('an index that lost blocks takes the mirror back with it', async () => {
  const chain = new ScriptedChain(entities)
  for (let block = 0; block < 4; block++) {
    chain.mine([payment(block, 1), account('0xaa', block)])
    if (block < 3) await (open[0] ?? (await openStore(chain))).sync()
  }
  const store = open[0]!
  chain.lag = 2
  expect((await store.sync()).number).toBe(1)
  expect(await store.query('SELECT totalWei FROM Account')).toEqual([{ totalWei: 1n }])
  chain.lag = 0
  expect((await store.sync()).number).toBe(3)
  expect(await store.query('SELECT id FROM Payment')).toHaveLength(4)
})

test('a mirror of one kind of stamps is not gone on with in the other', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lineage-')), 'lineage.duckdb')
  const chain = new ScriptedChain(entities)
  chain.mine([account('0xaa', 1)])
  chain.mine([account('0xaa', 2)])
  const first = await LineageStore.open(file, { schema, source: chain })
  await first.sync()
  await first.close()
  const exact = new ScriptedChain(entities, 'written')
  exact.blocks.push(...chain.blocks)
  const second = await openStore(exact, file)
  await second.sync()
  expect(await second.query('SELECT _block FROM Account_versions ORDER BY _block')).toEqual([
    { _block: 0n },
    { _block: 1n },
  ])
})

test('syncing again at the same block reads nothing', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 1)])
  const store = await openStore(chain)
  const first = await store.sync()
  expect(await store.sync()).toEqual(first)
  expect(await store.sync(0)).toEqual(first)
  expect(chain.batches).toBe(1)
})

test('it stops at the block asked for, and never goes past what is indexed', async () => {
  const chain = new ScriptedChain(entities)
  for (let id = 0; id < 6; id++) chain.mine([payment(id, 1)])
  chain.lag = 1
  const store = await openStore(chain)
  expect((await store.sync(2)).number).toBe(2)
  expect(await store.query('SELECT count(*) AS rows FROM Payment')).toEqual([{ rows: 3n }])
  expect((await store.sync(99)).number).toBe(4)
  expect(await store.query('SELECT count(*) AS rows FROM Payment')).toEqual([{ rows: 5n }])
})

test('the mirror goes on where it stood when it is opened again', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lineage-')), 'lineage.duckdb')
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 1)])
  const first = await LineageStore.open(file, { schema, source: chain })
  const head = await first.sync()
  await first.close()
  const second = await openStore(chain, file)
  expect(await second.head()).toEqual(head)
  expect(await second.query('SELECT id FROM Payment')).toHaveLength(1)
})

/** All that the mirror holds, without how it came to be read. */
async function content(store: LineageStore, stamps: ScriptedChain['stamps'] = 'read') {
  const facts = {
    head: await store.head(),
    payments: await store.query('SELECT * EXCLUDE (_block) FROM Payment ORDER BY id'),
    accounts: await store.query('SELECT * EXCLUDE (_block) FROM Account ORDER BY id'),
  }
  if (stamps === 'read') return facts
  return {
    ...facts,
    payments: await store.query('SELECT * FROM Payment ORDER BY id'),
    versions: await store.query('SELECT * FROM Account_versions ORDER BY id, _block'),
  }
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('mine' as const), writes: fc.array(fc.nat(9), { maxLength: 3 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('reorganise' as const), depth: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('sync' as const), back: fc.nat(3) }) },
  ),
  { minLength: 3, maxLength: 25 },
)

test.each(['read', 'written'] as const)(
  'after any reorganisations the mirror equals one made afresh: %s',
  async (stamps) => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 8 }), async (list, keepCheckpoints) => {
        const chain = new ScriptedChain(entities, stamps)
        let ids = 0
        chain.mine()
        const store = await openStore(chain, ':memory:', { keepCheckpoints })
        for (const step of list) {
          if (step.kind === 'mine') {
            chain.mine(step.writes.flatMap((who) => [payment(ids++, who, `0x0${who}`), account(`0x0${who}`, ids)]))
          } else if (step.kind === 'reorganise') {
            chain.reorganise(Math.min(step.depth, chain.blocks.length - 1))
            chain.mine()
          } else await store.sync(Math.max(0, chain.blocks.length - 1 - step.back))
        }
        await store.sync()
        const fresh = await openStore(chain)
        await fresh.sync()
        expect(await content(store, stamps)).toEqual(await content(fresh, stamps))
        for (const used of open.splice(0)) await used.close()
      }),
      { numRuns: 25 },
    )
  },
  60_000,
)

test('a reorganisation while the rows are read writes nothing', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 1)])
  const store = await openStore(chain)
  await store.sync()
  const before = await content(store)
  chain.mine([payment(2, 2)])
  chain.onBatch = () => {
    chain.onBatch = () => {}
    chain.reorganise(1)
    chain.mine([payment(3, 3)])
  }
  await expect(store.sync()).rejects.toMatchObject({ code: 'lineage.moved', retryable: true })
  expect(await content(store)).toEqual(before)
  await store.sync()
  expect(await store.query('SELECT amountWei FROM Payment ORDER BY id')).toEqual([{ amountWei: 1n }, { amountWei: 3n }])
})

test('an index that fails half-way leaves the mirror as it was', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine(Array.from({ length: 1_500 }, (_, index) => payment(index, 1)))
  const store = await openStore(chain)
  let calls = 0
  chain.onBatch = () => {
    calls += 1
    if (calls === 2) throw new Error('connection reset')
  }
  await expect(store.sync()).rejects.toThrow('connection reset')
  expect(await store.head()).toBeNull()
  expect(await store.query('SELECT id FROM Payment')).toEqual([])
  await store.sync()
  expect(await store.query('SELECT count(*) AS rows FROM Payment')).toEqual([{ rows: 1_500n }])
})

test('a row that does not fit its column is refused whole', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 1), { entity: 'Payment', row: { ...payment(2, 1).row, amountWei: '1.5e3x' } }])
  const store = await openStore(chain)
  await expect(store.sync()).rejects.toThrow()
  expect(await store.head()).toBeNull()
})

test('another deployment of the subgraph replaces everything', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 1)])
  const store = await openStore(chain)
  await store.sync()
  const other = chain.blocks.length
  chain.blocks[other - 1] = { ...chain.blocks[other - 1]!, rows: [payment(9, 9)] }
  chain.deployment = 'QmSecond'
  await store.sync()
  expect(await store.query('SELECT amountWei FROM Payment')).toEqual([{ amountWei: 9n }])
})

test('another schema gives new tables', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lineage-')), 'lineage.duckdb')
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 1)])
  const first = await LineageStore.open(file, { schema, source: chain })
  await first.sync()
  await first.close()
  const narrow = 'type Payment @entity(immutable: true) { id: Bytes! amountWei: BigInt! }'
  chain.entities = readEntitySchema(narrow).entities
  const second = await openStore(chain, file, { schema: narrow })
  expect(await second.head()).toBeNull()
  await second.sync()
  expect(await second.query('SELECT * FROM Payment')).toEqual([{ _block: 0n, id: '0x00000001', amountWei: 1n }])
  await expect(second.query('SELECT * FROM Account')).rejects.toMatchObject({ code: 'lineage.query_failed' })
})

test('a file that is no database is moved aside and mirrored anew', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lineage-')), 'lineage.duckdb')
  writeFileSync(file, 'x'.repeat(9_000))
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 1)])
  const store = await openStore(chain, file)
  expect(store.damagedFile).toBe(`${file}.damaged-1`)
  await store.sync()
  expect(await store.query('SELECT id FROM Payment')).toHaveLength(1)
})

test('a file that is open already is refused', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'lineage-')), 'lineage.duckdb')
  const chain = new ScriptedChain(entities)
  await openStore(chain, file)
  await expect(LineageStore.open(file, { schema, source: chain })).rejects.toMatchObject({ code: 'database.locked' })
})

test.each([
  ['a write', 'DELETE FROM Payment'],
  ['a write after the transaction was ended', 'COMMIT; DELETE FROM Payment'],
  ['another file', "SELECT * FROM read_csv('/etc/hostname')"],
  ['a copy to disk', "COPY (SELECT 1) TO 'x.csv'"],
  ['an extension', 'INSTALL httpfs'],
  ['another setting', 'SET threads = 4'],
  ['a table that is not there', 'SELECT * FROM Nothing'],
])('a query cannot do %s', async (_, sql) => {
  const chain = new ScriptedChain(entities)
  chain.mine([payment(1, 1)])
  const store = await openStore(chain)
  await store.sync()
  await expect(store.query(sql)).rejects.toMatchObject({ code: 'lineage.query_failed' })
  expect(await store.query('SELECT id FROM Payment')).toHaveLength(1)
})

test('a query that takes too long is stopped', async () => {
  const chain = new ScriptedChain(entities)
  chain.mine()
  const store = await openStore(chain, ':memory:', { queryTimeoutMs: 50 })
  const endless = 'SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range * b.range = 7'
  await expect(store.query(endless)).rejects.toMatchObject({ code: 'lineage.query_timeout' })
  expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
})
