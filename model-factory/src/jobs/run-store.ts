/** Runs and their metrics in Postgres, beside the queue. */
import type { OpenLedgerError } from '@openledger/protocol'
import type { Pool } from 'pg'
import { TrainingError } from '../error.ts'
import type { TrainedRun } from './job-process.ts'
import { metric, type RunMetric } from './run-meter.ts'
import type { RunSpec } from './run-spec.ts'

export const RUN_STATUSES = ['QUEUED', 'RUNNING', 'REGISTERING', 'DONE', 'FAILED', 'CANCELLED'] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

export type StoredMetric = RunMetric & { run: string; sequence: number; atMs: number }

/** An order on chain that a run fulfils. */
export type RunOrder = {
  /** Number of the job. */
  number: string
  /** Transaction of its request. */
  transaction: string
  requester: string
  /** Who must own the model. */
  modelOwner: 'requester' | 'trainer'
}

export type Run = {
  id: string
  status: RunStatus
  kind: string
  spec: RunSpec
  /** Null for a request without a budget. */
  order: RunOrder | null
  /** The newest metric. */
  progress: StoredMetric | null
  /** What training gave; from then on a run only registers. */
  outcome: TrainedRun | null
  modelId: string | null
  /** Ids of evaluations on chain. */
  evaluationIds: string[]
  error: OpenLedgerError.Report | null
  attempts: number
  createdAtMs: number
  finishedAtMs: number | null
}

const SCHEMA = `
  CREATE SCHEMA IF NOT EXISTS factory;
  CREATE TABLE IF NOT EXISTS factory.runs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    status text NOT NULL,
    kind text NOT NULL,
    spec jsonb NOT NULL,
    "order" jsonb,
    order_transaction text UNIQUE,
    progress jsonb,
    outcome jsonb,
    model_id text,
    evaluation_ids jsonb NOT NULL DEFAULT '[]',
    error jsonb,
    attempts integer NOT NULL DEFAULT 0,
    queue_id text,
    -- The attempt that holds it: what an older attempt still says is not taken.
    claim uuid,
    worker text,
    is_settled boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
  );
  CREATE TABLE IF NOT EXISTS factory.metrics (
    run uuid NOT NULL REFERENCES factory.runs ON DELETE CASCADE,
    sequence integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    metric jsonb NOT NULL,
    PRIMARY KEY (run, sequence)
  )`

const COLUMNS = `id, status, kind, spec, "order", progress, outcome, model_id AS "modelId",
  evaluation_ids AS "evaluationIds", error, attempts,
  (extract(epoch FROM created_at) * 1000)::float8 AS "createdAtMs",
  (extract(epoch FROM finished_at) * 1000)::float8 AS "finishedAtMs"`

export class RunStore {
  readonly #pool: Pool

  private constructor(pool: Pool) {
    this.#pool = pool
  }

  static async open(pool: Pool): Promise<RunStore> {
    // Several processes may start at once, and CREATE … IF NOT EXISTS alone would let one of them fail.
    const client = await pool.connect()
    try {
      await client.query('BEGIN; SELECT pg_advisory_xact_lock(73310);')
      await client.query(SCHEMA)
      await client.query('COMMIT')
    } finally {
      client.release()
    }
    return new RunStore(pool)
  }

  /** @returns the run; for an order that has one already, that one */
  async create(spec: RunSpec, kind: string, order: RunOrder | null = null): Promise<{ run: Run; isNew: boolean }> {
    const { rows } = await this.#pool.query(
      `INSERT INTO factory.runs (status, kind, spec, "order", order_transaction) VALUES ('QUEUED', $1, $2, $3, $4)
       ON CONFLICT (order_transaction) DO NOTHING RETURNING ${COLUMNS}`,
      [kind, JSON.stringify(spec), order === null ? null : JSON.stringify(order), order?.transaction ?? null],
    )
    if (rows[0] !== undefined) {
      await this.tell(rows[0].id, metric('queued'))
      return { run: runOf(rows[0]), isNew: true }
    }
    const known = await this.ofOrder(order!.transaction)
    return { run: known!, isNew: false }
  }

  /** @throws {TrainingError} `training.run_unknown` */
  async find(id: string): Promise<Run> {
    const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
    const { rows } = isId
      ? await this.#pool.query(`SELECT ${COLUMNS} FROM factory.runs WHERE id = $1`, [id])
      : { rows: [] }
    if (rows[0] !== undefined) return runOf(rows[0])
    throw new TrainingError('training.run_unknown', 'There is no such training run.', {
      facts: { run: id.slice(0, 60) },
      nextStep: '`openledger train list` shows all of them.',
    })
  }

  async ofOrder(transaction: string): Promise<Run | null> {
    const { rows } = await this.#pool.query(`SELECT ${COLUMNS} FROM factory.runs WHERE order_transaction = $1`, [
      transaction,
    ])
    return rows[0] === undefined ? null : runOf(rows[0])
  }

  /** Newest first. */
  async list({
    status,
    job,
    first,
  }: {
    status?: RunStatus | undefined
    job?: string | undefined
    first: number
  }): Promise<Run[]> {
    const { rows } = await this.#pool.query(
      `SELECT ${COLUMNS} FROM factory.runs
       WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR "order"->>'number' = $2)
       ORDER BY created_at DESC, id LIMIT $3`,
      [status ?? null, job ?? null, first],
    )
    return rows.map(runOf)
  }

  async countWaiting(): Promise<number> {
    const { rows } = await this.#pool.query(
      `SELECT count(*)::integer AS count FROM factory.runs WHERE status = 'QUEUED'`,
    )
    return rows[0].count
  }

  async countByStatus(): Promise<Record<string, number>> {
    const { rows } = await this.#pool.query(
      'SELECT status, count(*)::integer AS count FROM factory.runs GROUP BY status',
    )
    return Object.fromEntries(rows.map(({ status, count }) => [status, count]))
  }

  async setQueueId(id: string, queueId: string): Promise<void> {
    await this.#pool.query('UPDATE factory.runs SET queue_id = $2 WHERE id = $1', [id, queueId])
  }

  /** Ids in the queue of runs that a worker held when it ended. */
  async heldBy(worker: string): Promise<{ id: string; queueId: string }[]> {
    const { rows } = await this.#pool.query(
      `SELECT id, queue_id AS "queueId" FROM factory.runs
       WHERE worker = $1 AND status IN ('RUNNING', 'REGISTERING') AND queue_id IS NOT NULL`,
      [worker],
    )
    return rows
  }

  /** An attempt begins. @returns null when the run has ended, or was cancelled, in the meantime */
  async claim(id: string, worker: string): Promise<{ run: Run; claim: string } | null> {
    const { rows } = await this.#pool.query(
      `UPDATE factory.runs SET claim = gen_random_uuid(), worker = $2, attempts = attempts + 1,
         status = CASE WHEN outcome IS NULL THEN 'RUNNING' ELSE 'REGISTERING' END
       WHERE id = $1 AND status IN ('QUEUED', 'RUNNING', 'REGISTERING') RETURNING ${COLUMNS}, claim`,
      [id, worker],
    )
    return rows[0] === undefined ? null : { run: runOf(rows[0]), claim: rows[0].claim }
  }

  /** Whether the attempt still holds the run: it was neither cancelled nor taken by a later one. */
  async holds(id: string, claim: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `SELECT FROM factory.runs WHERE id = $1 AND claim = $2 AND status IN ('RUNNING', 'REGISTERING')`,
      [id, claim],
    )
    return rowCount === 1
  }

  /** @returns whether it was taken: only from the attempt that holds the run */
  async keepOutcome(id: string, claim: string, outcome: TrainedRun): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `UPDATE factory.runs SET outcome = $3, status = 'REGISTERING' WHERE id = $1 AND claim = $2 AND status = 'RUNNING'`,
      [id, claim, JSON.stringify(outcome)],
    )
    return rowCount === 1
  }

  async done(
    id: string,
    claim: string,
    registered: { modelId: string; evaluationIds: readonly string[] },
  ): Promise<void> {
    await this.#pool.query(
      `UPDATE factory.runs SET status = 'DONE', model_id = $3, evaluation_ids = $4, error = NULL, finished_at = now()
       WHERE id = $1 AND claim = $2`,
      [id, claim, registered.modelId, JSON.stringify(registered.evaluationIds)],
    )
    await this.tell(id, metric('done'))
  }

  async failed(id: string, claim: string, error: OpenLedgerError): Promise<void> {
    const { rowCount } = await this.#pool.query(
      `UPDATE factory.runs SET status = 'FAILED', error = $3, finished_at = now()
       WHERE id = $1 AND claim = $2 AND status IN ('RUNNING', 'REGISTERING')`,
      [id, claim, JSON.stringify(error.toJSON())],
    )
    if (rowCount === 1) await this.tell(id, metric('failed'))
  }

  /** @throws {TrainingError} `training.run_unknown`, `training.run_ended` */
  async cancel(id: string): Promise<Run> {
    const run = await this.find(id)
    const { rowCount } = await this.#pool.query(
      `UPDATE factory.runs SET status = 'CANCELLED', finished_at = now() WHERE id = $1 AND status IN ('QUEUED', 'RUNNING')`,
      [id],
    )
    if (rowCount !== 1) {
      throw new TrainingError('training.run_ended', 'This run cannot be cancelled any more.', {
        facts: { run: id, status: run.status },
        nextStep: 'Nothing: it has ended, or its model is being registered.',
      })
    }
    await this.tell(id, metric('cancelled'))
    return this.find(id)
  }

  /** One that failed or was cancelled waits again. @throws {TrainingError} `training.run_unknown`, `training.run_active` */
  async reopen(id: string): Promise<Run> {
    const run = await this.find(id)
    const { rowCount } = await this.#pool.query(
      `UPDATE factory.runs SET status = 'QUEUED', error = NULL, finished_at = NULL, attempts = 0
       WHERE id = $1 AND status IN ('FAILED', 'CANCELLED')`,
      [id],
    )
    if (rowCount !== 1) {
      throw new TrainingError('training.run_active', 'Only a run that failed or was cancelled can go on.', {
        facts: { run: id, status: run.status },
        nextStep: run.status === 'DONE' ? 'It is done: look at its model.' : 'It is on its way already.',
      })
    }
    await this.tell(id, metric('queued'))
    return this.find(id)
  }

  /** Runs of orders that were delivered and not yet paid, as far as is known here. */
  async unsettled(): Promise<Run[]> {
    const { rows } = await this.#pool.query(
      `SELECT ${COLUMNS} FROM factory.runs WHERE status = 'DONE' AND "order" IS NOT NULL AND NOT is_settled`,
    )
    return rows.map(runOf)
  }

  async settled(id: string): Promise<void> {
    await this.#pool.query('UPDATE factory.runs SET is_settled = true WHERE id = $1', [id])
  }

  /** Adds to a run's story. */
  async tell(id: string, told: RunMetric): Promise<void> {
    await this.#pool.query(
      `WITH added AS (
         INSERT INTO factory.metrics (run, sequence, metric)
         SELECT $1, coalesce(max(sequence), 0) + 1, $2 FROM factory.metrics WHERE run = $1
         RETURNING sequence, at
       )
       UPDATE factory.runs SET progress = $2::jsonb || jsonb_build_object(
         'run', id::text, 'sequence', added.sequence, 'atMs', floor(extract(epoch FROM added.at) * 1000))
       FROM added WHERE id = $1`,
      [id, JSON.stringify(told)],
    )
  }

  /** A run's story after `after`, oldest first. */
  async metrics(id: string, after: number, first: number): Promise<StoredMetric[]> {
    const { rows } = await this.#pool.query(
      `SELECT metric, sequence, floor(extract(epoch FROM at) * 1000)::float8 AS "atMs" FROM factory.metrics
       WHERE run = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
      [id, after, first],
    )
    return rows.map(({ metric: told, sequence, atMs }) => ({ ...told, run: id, sequence, atMs }))
  }

  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1')
  }
}

function runOf(row: Record<string, unknown>): Run {
  const { createdAtMs, finishedAtMs, claim: _, ...rest } = row as Run & { claim?: string }
  return {
    ...rest,
    createdAtMs: Math.floor(createdAtMs),
    finishedAtMs: finishedAtMs === null ? null : Math.floor(finishedAtMs),
  }
}
