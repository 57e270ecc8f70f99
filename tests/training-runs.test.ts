import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts, query, Supervisor, startDatabase } from '@openledger/cli/stack'
import { createLog } from '@openledger/protocol/service'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TrainingError } from '../model-factory/src/error.ts'
import { RunQueue } from '../model-factory/src/jobs/queue.ts'
import { metric } from '../model-factory/src/jobs/run-meter.ts'
import { readRunSpec } from '../model-factory/src/jobs/run-spec.ts'
import { RunStore } from '../model-factory/src/jobs/run-store.ts'

/** Runs and their queue on the Postgres that the stack brings. */
let supervisor: Supervisor
let scratch: string
let pool: Pool
let url: string
let store: RunStore

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'openledger-runs-'))
  chmodSync(scratch, 0o755) // Postgres may have to run as another user
  supervisor = await Supervisor.start(scratch, { add: () => undefined, remove: () => undefined })
  const { databasePort } = await freePorts()
  url = (await startDatabase(supervisor, join(scratch, 'database'), databasePort)).url
  pool = new Pool({ connectionString: url })
  store = await RunStore.open(pool)
})

afterAll(async () => {
  await pool?.end()
  await supervisor.end()
  rmSync(scratch, { recursive: true, force: true })
})

const spec = readRunSpec({ name: 'proverbs', datanets: [`0x${'d1'.repeat(32)}`] })
const ORDER = {
  number: '3',
  transaction: `0x${'7'.repeat(64)}`,
  requester: `0x${'1'.repeat(40)}`,
  modelOwner: 'requester',
} as const
const newRun = async () => (await store.create(spec, 'lora')).run
const failure = new TrainingError('training.diverged', 'It went wrong.', { nextStep: 'Lower the rate.' })

describe('a run', () => {
  test('waits, with what was asked and its story', async () => {
    const { id } = await newRun()
    const run = await store.find(id)
    expect(run).toMatchObject({ status: 'QUEUED', spec, attempts: 0, order: null, error: null, finishedAtMs: null })
    expect(run.progress).toMatchObject({ run: id, sequence: 1, phase: 'queued' })
    await store.tell(id, { ...metric('training'), seed: 1, step: 4, steps: 8, loss: 2.5 })
    expect((await store.metrics(id, 1, 10)).map(({ sequence, step, loss }) => [sequence, step, loss])).toEqual([
      [2, 4, 2.5],
    ])
    expect((await store.list({ first: 1 }))[0]!.progress).toMatchObject({ sequence: 2, step: 4 })
  })

  test('belongs to the attempt that took it last: what an older one says is not taken', async () => {
    const { id } = await newRun()
    const first = await store.claim(id, 'a')
    const second = await store.claim(id, 'b')
    expect(second!.run).toMatchObject({ status: 'RUNNING', attempts: 2 })
    expect(await store.holds(id, first!.claim)).toBe(false)
    expect(await store.holds(id, second!.claim)).toBe(true)
    await store.failed(id, first!.claim, failure)
    expect((await store.find(id)).status).toBe('RUNNING')
    await store.failed(id, second!.claim, failure)
    expect(await store.find(id)).toMatchObject({ status: 'FAILED', error: { code: 'training.diverged' } })
  })

  test('that was cancelled is taken by nobody, and can go on', async () => {
    const { id } = await newRun()
    const { claim } = (await store.claim(id, 'a'))!
    expect((await store.cancel(id)).status).toBe('CANCELLED')
    expect(await store.holds(id, claim)).toBe(false)
    expect(await store.claim(id, 'b')).toBeNull()
    await expect(store.cancel(id)).rejects.toMatchObject({ code: 'training.run_ended' })
    expect(await store.reopen(id)).toMatchObject({ status: 'QUEUED', attempts: 0, finishedAtMs: null })
    await expect(store.reopen(id)).rejects.toMatchObject({ code: 'training.run_active' })
  })

  test('of an order is made once, however often the order is seen', async () => {
    const first = await store.create(spec, 'lora', ORDER)
    const again = await store.create(spec, 'lora', ORDER)
    expect([first.isNew, again.isNew, again.run.id]).toEqual([true, false, first.run.id])
    expect(await store.list({ job: '3', first: 10 })).toHaveLength(1)
  })

  test.each(['', 'nonsense', "' OR true --", '00000000-0000-0000-0000-000000000000'])('%j is unknown', async (id) => {
    await expect(store.find(id)).rejects.toMatchObject({ code: 'training.run_unknown' })
  })
})

test('the queue gives a run whose work throws to a worker again', async () => {
  const queue = await RunQueue.open(url, createLog('test'))
  const { id } = await newRun()
  const taken: string[] = []
  const done = Promise.withResolvers<void>()
  await queue.work(1, async (run) => {
    taken.push(run)
    if (taken.length === 1) throw new Error('its process was killed')
    done.resolve()
  })
  await store.setQueueId(id, await queue.add(id))
  await done.promise
  expect(taken).toEqual([id, id])
  await queue.close(1_000)
})

test('runs stay when the index beside them is thrown away', async () => {
  const { emptyIndex, ensureDatabase } = await import('../cli/src/stack/database.ts')
  const own = await ensureDatabase(url, 'runs_beside')
  await query(own, 'CREATE TABLE kept (id integer)')
  await query(url, 'CREATE TABLE lost (id integer)')
  await pool.end()
  await emptyIndex(url)
  expect(await query(own, 'SELECT * FROM kept')).toEqual([])
  await expect(query(url, 'SELECT * FROM lost')).rejects.toThrow('does not exist')
  expect(await ensureDatabase(url, 'runs_beside')).toBe(own)
  pool = new Pool({ connectionString: url })
})
