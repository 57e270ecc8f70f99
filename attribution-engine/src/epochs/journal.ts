import { resolve } from 'node:path'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { ENGINE_TABLES, type EngineTable } from '@openledger/analytics'
import { type OpenDatabase, openDatabase } from '@openledger/lineage-store'
import type { EpochManifest } from '@openledger/protocol'

/**
 * What the engine remembers between runs, in a DuckDB file of its own; whoever has it open is the one engine.
 *
 * All of it can be had again: proposals from the chain, evidence by computing, shares from the epochs' manifests. So the
 * chain is always asked first, every write is keyed, and a lost or damaged file costs time, not correctness.
 */
export class Journal {
  readonly #database: OpenDatabase.Opened
  readonly #connection: DuckDBConnection
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(database: OpenDatabase.Opened, connection: DuckDBConnection) {
    this.#database = database
    this.#connection = connection
  }

  /**
   * @param folder where `writeTables` may write; nowhere unless given
   * @throws database.locked when another engine has it open
   */
  static async open(file: string, folder?: string): Promise<Journal> {
    const database = await openDatabase(file, { memoryLimit: '256MB', ...(folder === undefined ? {} : { folder }) })
    const connection = await database.instance.connect()
    for (const table of TABLES) await connection.run(table)
    return new Journal(database, connection)
  }

  /** Where an unreadable journal of an earlier run was moved to; null when there was none. */
  get damagedFile(): string | null {
    return this.#database.damagedFile
  }

  async evidenceOf(receiptHash: string): Promise<string | null> {
    const rows = await this.#all('SELECT cid FROM evidence WHERE receipt_hash = $1', [receiptHash])
    return (rows[0]?.cid as string | undefined) ?? null
  }

  async keepEvidence(receiptHash: string, cid: string): Promise<void> {
    await this.#all('INSERT OR REPLACE INTO evidence VALUES ($1, $2)', [receiptHash, cid])
  }

  /** The proposal that was made ready for an epoch's number; null when none was. */
  async proposal(epoch: number): Promise<Journal.Proposal | null> {
    const rows = await this.#all('SELECT * FROM proposals WHERE epoch = $1', [epoch])
    const row = rows[0]
    if (row === undefined) return null
    return {
      epoch: Number(row.epoch),
      manifest: String(row.manifest),
      signedTransaction: (row.signed_transaction as string | null) ?? null,
    }
  }

  async keepProposal({ epoch, manifest, signedTransaction }: Journal.Proposal): Promise<void> {
    await this.#all('INSERT OR REPLACE INTO proposals VALUES ($1, $2, $3)', [epoch, manifest, signedTransaction])
  }

  /** Which manifest's shares are kept for an epoch; null when none are. */
  async sharesKept(epoch: number): Promise<string | null> {
    const rows = await this.#all('SELECT manifest FROM epoch WHERE epoch = $1', [epoch])
    return (rows[0]?.manifest as string | undefined) ?? null
  }

  /** Keeps an epoch's sums and shares for questions about them, in place of what was kept for its number. */
  async keepShares(cid: string, manifest: EpochManifest): Promise<void> {
    const rows = manifest.answers.flatMap(({ receiptHash, evidence, shares }) =>
      shares.map((share) => ({ ...share, receiptHash, evidence })),
    )
    await this.#inTurn(async () => {
      await this.#connection.run('BEGIN TRANSACTION')
      try {
        await this.#connection.run('DELETE FROM shares WHERE epoch = $1', [manifest.number])
        await this.#connection.run(
          `INSERT INTO shares SELECT $1, r.receiptHash, r.account, r.canonical, CAST(r.amountWei AS BIGNUM), r.evidence
           FROM (SELECT unnest(from_json($2, '${SHARE_SHAPE}')) AS r)`,
          [manifest.number, JSON.stringify(rows)],
        )
        await this.#connection.run('DELETE FROM epoch WHERE epoch = $1', [manifest.number])
        await this.#connection.run(`INSERT INTO epoch VALUES (${EPOCH_VALUES})`, epochRow(cid, manifest))
        await this.#connection.run('COMMIT')
      } catch (error) {
        await this.#connection.run('ROLLBACK').catch(() => {})
        throw error
      }
    })
  }

  /** Why an account is owed what it is: its shares, newest epoch first, the largest first. */
  async sharesOf(account: string, limit: number): Promise<Journal.Share[]> {
    const rows = await this.#all(
      `SELECT epoch, receipt_hash, canonical, amount_wei, evidence FROM shares WHERE account = $1
       ORDER BY epoch DESC, amount_wei DESC, receipt_hash, canonical LIMIT $2`,
      [account, limit],
    )
    return rows.map((row) => ({
      epoch: Number(row.epoch),
      receiptHash: String(row.receipt_hash),
      canonical: String(row.canonical),
      amountWei: row.amount_wei as bigint,
      evidence: String(row.evidence),
    }))
  }

  /** CID of what was published for analysts as of an epoch; null when nothing was. @param manifest CID of the epoch's */
  async analyticsOf(manifest: string): Promise<string | null> {
    const rows = await this.#all('SELECT publication FROM analytics WHERE manifest = $1', [manifest])
    return (rows[0]?.publication as string | undefined) ?? null
  }

  async keepAnalytics({ epoch, manifest, publication }: Journal.Publication): Promise<void> {
    await this.#all('INSERT OR REPLACE INTO analytics VALUES ($1, $2, $3)', [epoch, manifest, publication])
  }

  /** What was published for analysts, newest epoch first. */
  async publications(limit: number): Promise<Journal.Publication[]> {
    const rows = await this.#all('SELECT * FROM analytics ORDER BY epoch DESC, manifest LIMIT $1', [limit])
    return rows.map((row) => ({
      epoch: Number(row.epoch),
      manifest: String(row.manifest),
      publication: String(row.publication),
    }))
  }

  /**
   * Writes the tables `epoch` and `payout` of an epoch and all that it builds on as Parquet files, in order, amounts as
   * DECIMAL(38,0).
   */
  async writeTables(manifest: string, files: { epoch: string; payout: string }): Promise<void> {
    const standing = `WITH RECURSIVE standing AS (
      SELECT * FROM epoch WHERE manifest = '${manifest}'
      UNION ALL SELECT e.* FROM epoch e JOIN standing s ON e.manifest = s.parent)`
    await this.#all(
      `COPY (${standing} SELECT * REPLACE (${EPOCH_SUMS.map((name) => `CAST(${name} AS DECIMAL(38,0)) AS ${name}`).join(', ')})
       FROM standing ORDER BY epoch) TO '${place(files.epoch)}' (FORMAT parquet)`,
      [],
    )
    // A cast from BIGNUM goes by way of text: DuckDB 1.5 has no other that is right.
    await this.#all(
      `COPY (${standing} SELECT epoch, receipt_hash, shares.canonical, account AS holder,
         CAST(CAST(amount_wei AS VARCHAR) AS DECIMAL(38,0)) AS amount_wei
       FROM shares WHERE epoch IN (SELECT epoch FROM standing) ORDER BY epoch, receipt_hash, canonical)
       TO '${place(files.payout)}' (FORMAT parquet, COMPRESSION zstd)`,
      [],
    )
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => {
      this.#connection.closeSync()
      this.#database.close()
    })
  }

  #all(sql: string, params: DuckDBValue[]): Promise<Record<string, unknown>[]> {
    return this.#inTurn(async () => (await this.#connection.runAndReadAll(sql, params)).getRowObjects())
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work)
    this.#turn = result.catch(() => {})
    return result
  }
}

export declare namespace Journal {
  type Proposal = {
    epoch: number
    /** CID of the manifest. */
    manifest: string
    /** The transaction as it was signed, before it was sent; null until then. */
    signedTransaction: string | null
  }
  type Publication = {
    epoch: number
    /** CID of the epoch's manifest. */
    manifest: string
    /** CID of the analytics manifest. */
    publication: string
  }
  type Share = { epoch: number; receiptHash: string; canonical: string; amountWei: bigint; evidence: string }
}

const EPOCH_SUMS = ['fees_in_wei', 'paid_wei', 'reserve_wei', 'carried_wei', 'total_wei']

/** In the order of the table's columns; sums as text, since a number would lose digits. */
function epochRow(cid: string, manifest: EpochManifest): DuckDBValue[] {
  const paidWei = manifest.answers
    .flatMap(({ shares }) => shares)
    .reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n)
  const reserveWei = BigInt(manifest.reserveWei)
  const totalWei = BigInt(manifest.totalWei)
  const sums = [paidWei + reserveWei, paidWei, reserveWei, totalWei - paidWei - reserveWei, totalWei]
  const { number, parent, fromBlock, toBlock, blockHash, engineHash, answers } = manifest
  return [number, cid, parent, fromBlock, toBlock, blockHash, engineHash, answers.length, ...sums.map(String)]
}

function columnsOf(table: EngineTable['name']): string {
  return ENGINE_TABLES.find(({ name }) => name === table)!
    .columns.map(({ name, type }) => `${name} ${type}`)
    .join(', ')
}

function place(file: string): string {
  return resolve(file).replaceAll("'", "''")
}

const EPOCH_VALUES = ENGINE_TABLES.find(({ name }) => name === 'epoch')!
  .columns.map(({ type }, index) => `CAST($${index + 1} AS ${type})`)
  .join(', ')

const TABLES = [
  'CREATE TABLE IF NOT EXISTS evidence (receipt_hash VARCHAR PRIMARY KEY, cid VARCHAR NOT NULL)',
  `CREATE TABLE IF NOT EXISTS proposals
   (epoch INTEGER PRIMARY KEY, manifest VARCHAR NOT NULL, signed_transaction VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS epoch (${columnsOf('epoch')}, PRIMARY KEY (epoch))`,
  `CREATE TABLE IF NOT EXISTS analytics
   (epoch INTEGER NOT NULL, manifest VARCHAR PRIMARY KEY, publication VARCHAR NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS shares
   (epoch INTEGER, receipt_hash VARCHAR, account VARCHAR, canonical VARCHAR, amount_wei BIGNUM, evidence VARCHAR)`,
]

const SHARE_SHAPE = JSON.stringify([
  { receiptHash: 'VARCHAR', account: 'VARCHAR', canonical: 'VARCHAR', amountWei: 'VARCHAR', evidence: 'VARCHAR' },
])
