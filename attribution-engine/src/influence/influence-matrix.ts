/**
 * The influence matrix, answers × clusters, in DuckDB: where analysts ask. Scores are integers there too, so every sum is
 * exact and the same whatever the order of rows or the number of threads (DuckDB's sums of floats are neither).
 */
import { resolve } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type OpenDatabase, openDatabase } from '@openledger/lineage-store'
import type { EpochManifest, Evidence } from '@openledger/protocol'

export class InfluenceMatrix {
  readonly #database: OpenDatabase.Opened
  readonly #connection: DuckDBConnection
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(database: OpenDatabase.Opened, connection: DuckDBConnection) {
    this.#database = database
    this.#connection = connection
  }

  /**
   * @param file path of its own database, or ':memory:'; what is lost with it can be put again from the evidence
   * @param folder where `writeTable` may write; nowhere unless given
   * @throws database.locked when another process has it open
   */
  static async open(file: string, folder?: string): Promise<InfluenceMatrix> {
    const database = await openDatabase(file, { memoryLimit: '256MB', ...(folder === undefined ? {} : { folder }) })
    const connection = await database.instance.connect()
    for (const statement of SCHEMA) await connection.run(statement)
    return new InfluenceMatrix(database, connection)
  }

  /** Puts the row of an answer in place of the one that is there. */
  put(evidence: Evidence): Promise<void> {
    return this.#inTurn(async () => {
      await this.#connection.run('BEGIN TRANSACTION')
      try {
        await this.#connection.run('DELETE FROM influence WHERE receipt_hash = $1', [evidence.receiptHash])
        await this.#connection.run(
          `INSERT INTO influence
           SELECT $1, $2, r.canonical, r.contributor, list_transform(r.scores, s -> CAST(s AS HUGEINT)),
             CAST(r.mean AS HUGEINT), CAST(r.standardError AS HUGEINT), CAST(r.utility AS HUGEINT), r.sharePpm
           FROM (SELECT unnest(from_json($3, '${ROW_SHAPE}')) AS r)`,
          [evidence.receiptHash, evidence.modelId, JSON.stringify(evidence.influence)],
        )
        await this.#connection.run('COMMIT')
      } catch (error) {
        await this.#connection.run('ROLLBACK').catch(() => {})
        throw error
      }
    })
  }

  /** Which answers an epoch pays for, in place of what was kept for its number. */
  keepEpoch(manifest: Pick<EpochManifest, 'number' | 'answers'>): Promise<void> {
    return this.#inTurn(async () => {
      const hashes = manifest.answers.map(({ receiptHash }) => receiptHash)
      await this.#connection.run('BEGIN TRANSACTION')
      try {
        await this.#connection.run('DELETE FROM paid_answer WHERE epoch = $1', [manifest.number])
        await this.#connection.run(`INSERT INTO paid_answer SELECT $1, unnest(from_json($2, '["VARCHAR"]'))`, [
          manifest.number,
          JSON.stringify(hashes),
        ])
        await this.#connection.run('COMMIT')
      } catch (error) {
        await this.#connection.run('ROLLBACK').catch(() => {})
        throw error
      }
    })
  }

  /** Answers that epochs pay for and whose row is not here: of another engine's epoch, or lost with the file. */
  async missing(): Promise<string[]> {
    const rows = await this.#all(
      `SELECT DISTINCT receipt_hash FROM paid_answer
       WHERE receipt_hash NOT IN (SELECT receipt_hash FROM influence) ORDER BY receipt_hash`,
      [],
    )
    return rows.map(({ receipt_hash }) => String(receipt_hash))
  }

  /** Writes the table `influence` of these epochs as a Parquet file, in order, scores as DECIMAL(38,0). */
  async writeTable(epochs: readonly number[], file: string): Promise<void> {
    const score = (name: string) => `CAST(i.${name} AS DECIMAL(38,0)) AS ${name}`
    await this.#all(
      `COPY (SELECT p.epoch, i.receipt_hash, i.model_id AS model, i.canonical, i.contributor, ${score('mean')},
         ${score('standard_error')}, ${score('utility')}, i.share_ppm
       FROM paid_answer p JOIN influence i ON i.receipt_hash = p.receipt_hash
       WHERE p.epoch IN (${epochs.map(Number).join(', ')}) ORDER BY p.epoch, i.receipt_hash, i.canonical)
       TO '${resolve(file).replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
      [],
    )
  }

  /** The clusters of one answer, the largest utility first. */
  async clustersOf(receiptHash: string): Promise<InfluenceMatrix.Cell[]> {
    const rows = await this.#all(
      `SELECT canonical, contributor, mean, standard_error, utility, share_ppm FROM influence
       WHERE receipt_hash = $1 ORDER BY utility DESC, canonical`,
      [receiptHash],
    )
    return rows.map((row) => ({
      canonical: String(row.canonical),
      contributor: String(row.contributor),
      mean: row.mean as bigint,
      standardError: row.standard_error as bigint,
      utility: row.utility as bigint,
      sharePpm: Number(row.share_ppm),
    }))
  }

  /** What each cluster did for all answers of a model together, the largest first. */
  async clusterTotals(modelId: string, limit: number): Promise<InfluenceMatrix.Total[]> {
    const rows = await this.#all(
      `SELECT canonical, contributor, answers, utility FROM cluster_totals
       WHERE model_id = $1 ORDER BY utility DESC, canonical LIMIT $2`,
      [modelId, limit],
    )
    return rows.map((row) => ({
      canonical: String(row.canonical),
      contributor: String(row.contributor),
      answers: Number(row.answers),
      utility: row.utility as bigint,
    }))
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#connection.closeSync()
      this.#database.close()
    })
  }

  #all(sql: string, params: (string | number)[]): Promise<Record<string, unknown>[]> {
    return this.#inTurn(async () => (await this.#connection.runAndReadAll(sql, params)).getRowObjects())
  }

  /** A connection does one thing at a time: a question between BEGIN and COMMIT would see half an answer. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work, work)
    this.#turn = result.catch(() => {})
    return result
  }
}

export declare namespace InfluenceMatrix {
  type Cell = {
    canonical: string
    contributor: string
    mean: bigint
    standardError: bigint
    utility: bigint
    sharePpm: number
  }
  type Total = { canonical: string; contributor: string; answers: number; utility: bigint }
}

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS influence (
     receipt_hash VARCHAR NOT NULL, model_id VARCHAR NOT NULL, canonical VARCHAR NOT NULL, contributor VARCHAR NOT NULL,
     scores HUGEINT[] NOT NULL, mean HUGEINT NOT NULL, standard_error HUGEINT NOT NULL, utility HUGEINT NOT NULL,
     share_ppm INTEGER NOT NULL, PRIMARY KEY (receipt_hash, canonical))`,
  'CREATE TABLE IF NOT EXISTS paid_answer (epoch INTEGER, receipt_hash VARCHAR, PRIMARY KEY (epoch, receipt_hash))',
  `CREATE OR REPLACE VIEW cluster_totals AS
     SELECT model_id, canonical, any_value(contributor) AS contributor, count(*) AS answers, sum(utility) AS utility
     FROM influence GROUP BY model_id, canonical`,
]

const ROW_SHAPE = JSON.stringify([
  {
    canonical: 'VARCHAR',
    contributor: 'VARCHAR',
    scores: ['VARCHAR'],
    mean: 'VARCHAR',
    standardError: 'VARCHAR',
    utility: 'VARCHAR',
    sharePpm: 'INTEGER',
  },
])
