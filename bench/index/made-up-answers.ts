import type { Analysis } from '@openledger/analytics'
import type { EntitySchema } from '@openledger/lineage-store'

/**
 * Fills an analysis with a made-up economy of many answers, the same for the same seed: its money adds up as on chain, so
 * reconciliation holds to the wei. Popularity of models and contributions is skewed as such things are: a few have most.
 *
 *   answers are served four at a time by one payer from one model: a settlement
 *   fifty answers are a batch; a tenth of a second passes between answers of one block of ten
 *   each answer is traced to four records of its model's Datanet; of three it pays, of one in ten answers none
 */
export async function makeUpAnswers(analysis: Analysis, schema: EntitySchema, size: MadeUpAnswers.Size): Promise<void> {
  const { answers, models, datanets, contributors, contributions, recordsPerContribution, payers, epochs, seed } = size
  await analysis.createEntities(schema)
  await analysis.createEngineTables()
  // A number from 0 to 999,999 that depends on the seed.
  const chance = (what: string, index: string) => `CAST(hash(${index}, '${what}', ${seed}) % 1000000 AS BIGINT)`
  const skewed = (what: string, index: string, count: number) =>
    `CAST(floor(${count} * power(${chance(what, index)} / 1000000.0, 3)) AS BIGINT)`
  const id = (what: string, index: string) => `'0x' || sha256('${what}' || ${index})`
  const address = (what: string, index: string) => `'0x' || sha256('${what}' || ${index})[:40]`
  const bases = Math.max(1, models / 100)
  const paidAnswers = Math.floor((answers * 99) / 100)
  const statements = [
    // Who and what there is
    `INSERT INTO Datanet BY NAME SELECT ${id('datanet', 'i')} AS id, 'Datanet ' || i AS name,
       ${contributions / datanets} * ${recordsPerContribution} AS recordCount FROM range(${datanets}) r(i)`,
    `INSERT INTO Contribution BY NAME SELECT ${id('contribution', 'i')} AS id, ${id('datanet', `i % ${datanets}`)} AS datanet,
       ${address('contributor', skewed('contributor', 'i', contributors))} AS contributor, i // ${datanets} + 1 AS version,
       ${recordsPerContribution} AS recordCount, ${recordsPerContribution} * 900 AS sizeBytes, i // 10 AS blockNumber,
       i % 10 AS logIndex, ${T0} + i AS timestamp FROM range(${contributions}) r(i)`,
    `INSERT INTO Record BY NAME SELECT ${id('listing', 'i')} AS id, ${id('record', 'i')} AS digest, c.id AS contribution,
       c.datanet, c.contributor, i % ${recordsPerContribution} AS index, 900 AS sizeBytes, 'record ' || i AS title
     FROM range(${contributions * recordsPerContribution}) r(i)
     JOIN (SELECT row_number() OVER () - 1 AS n, * FROM Contribution) c ON c.n = i // ${recordsPerContribution}`,
    `INSERT INTO Account BY NAME SELECT ${address('contributor', 'i')} AS id, 0 AS claimedWei FROM range(${contributors}) r(i)`,
    `INSERT INTO Agent BY NAME SELECT '0x' || lpad(to_hex(i + 1), 64, '0') AS id, i + 1 AS number,
       ${address('agent', 'i')} AS operator FROM range(1000) r(i)`,
    `INSERT INTO Contract BY NAME SELECT '0x01' AS id, 'OpenToken' AS name`,
    // Lineage: every model has two Datanets, every fifth adapter builds on an earlier one
    `INSERT INTO ModelParent BY NAME SELECT ${id('model', 'i')} AS model, ${id('datanet', `(i * k) % ${datanets}`)} AS datanet,
       1 + ${chance('version', 'i')} % ${contributions / datanets} AS version
     FROM range(${bases}, ${models}) r(i), (VALUES (1), (7)) v(k)`,
    `INSERT INTO ModelParent BY NAME SELECT ${id('model', 'i')} AS model, ${id('model', 'i // 2')} AS parentModel, 0 AS version
     FROM range(${bases}, ${models}) r(i) WHERE i % 5 = 0`,
    // What happened, one row an answer, kept until everything is made of it
    `CREATE TEMP TABLE served AS
     SELECT i, ${id('receipt', 'i')} AS receipt, i // 4 AS settlement, i // 50 AS batch, 10000 + i // 50 AS block,
            ${T0} + i * ${(60 * 86_400) / answers} AS timestamp,
            ${bases} + ${skewed('model', 'i // 4', models - bases)} AS model, ${chance('payer', 'i // 4')} % ${payers} AS payer,
            CAST(1000000000000000 AS HUGEINT) + ${chance('price', 'i')} * 1000000007 AS price,
            CASE WHEN i < ${paidAnswers} THEN CAST(i * ${epochs} // ${paidAnswers} + 1 AS INTEGER) END AS epoch
     FROM range(${answers}) r(i)`,
    // Epochs end between batches
    `UPDATE served s SET epoch = b.epoch FROM (SELECT batch, min(epoch) AS epoch FROM served GROUP BY batch) b
     WHERE b.batch = s.batch AND s.epoch IS DISTINCT FROM b.epoch`,
    `ALTER TABLE served ADD COLUMN pool HUGEINT`,
    `UPDATE served SET pool = price * 55 // 100`,
    `INSERT INTO Answer BY NAME SELECT ${id('answer', 'i')} AS id, receipt AS receiptHash, ${id('batch', 'batch')} AS batch,
       i % 50 AS index, ${id('model', 'model')} AS model, ${address('payer', 'payer')} AS payer, 20 AS promptTokens,
       60 AS completionTokens, price AS priceWei, i AS sequence, CAST(timestamp AS HUGEINT) * 1000 AS timestampMs FROM served ORDER BY i`,
    `INSERT INTO ReceiptBatch BY NAME SELECT ${id('batch', 'batch')} AS id, batch + 1 AS number, count(*) AS receiptCount,
       sum(price) AS totalWei, any_value(block) AS blockNumber, min(timestamp) AS timestamp FROM served GROUP BY batch`,
    `INSERT INTO Settlement BY NAME SELECT ${id('settlement', 'min(i)')} AS id, ${address('payer', 'any_value(payer)')} AS payer,
       ${id('model', 'any_value(model)')} AS model, ${id('batch', 'batch')} AS batch, sum(price) AS amountWei,
       sum(pool) AS contributorsWei, any_value(block) AS blockNumber, min(timestamp) AS timestamp
     FROM served GROUP BY settlement, batch`,
    `INSERT INTO Division BY NAME SELECT ${id('division', 'min(i)')} AS id, ${id('batch', 'batch')} AS batch,
       ${id('model', 'model')} AS model, sum(price) AS amountWei, sum(price * 5 // 100) AS protocolWei,
       sum(price * 20 // 100) AS nodeWei, sum(price * 10 // 100) AS baseOwnerWei, sum(price * 5 // 100) AS adapterOwnerWei,
       sum(price - price * 5 // 100 * 2 - price * 20 // 100 - price * 10 // 100 - pool) AS stakersWei,
       sum(pool) AS contributorsWei, any_value(block) AS blockNumber, min(timestamp) AS timestamp
     FROM served GROUP BY batch, model`,
    `INSERT INTO Model BY NAME SELECT ${id('model', 'i')} AS id, 'model ' || i AS name,
       CASE WHEN i < ${bases} THEN 'Base' ELSE 'Adapter' END AS kind, ${address('owner', 'i % 97')} AS owner,
       ${id('model', `i % ${bases}`)} AS base, coalesce(s.wei, 0) AS settledWei, coalesce(s.pool, 0) AS contributorsWei
     FROM range(${models}) r(i) LEFT JOIN (SELECT model, sum(price) AS wei, sum(pool) AS pool FROM served GROUP BY model) s
     ON s.model = i`,
    // Money that moves beside
    `INSERT INTO EscrowMovement BY NAME SELECT ${id('deposit', 'i')} AS id, 10000000000000000000 AS amountWei,
       ${T0} + i * ${(60 * 86_400) / (payers * 10)} AS timestamp FROM range(${payers * 10}) r(i)`,
    ...['Sweep', 'DripFunding', 'Drip', 'Funding'].map(
      (entity) => `INSERT INTO ${entity} BY NAME SELECT ${id(entity, 'epoch')} AS id, sum(pool) AS amountWei,
        max(timestamp) AS timestamp FROM served WHERE epoch IS NOT NULL GROUP BY epoch`,
    ),
    `INSERT INTO Claim BY NAME SELECT ${id('claim', 'i')} AS id, ${address('contributor', `i % ${contributors}`)} AS account,
       1000000000000 AS amountWei, ${T0} + i * ${(60 * 86_400) / (contributors * 10)} AS timestamp
     FROM range(${contributors * 10}) r(i)`,
    `INSERT INTO TokenTransfer BY NAME SELECT ${id('transfer', 'i')} AS id, '0x01' AS token, ${address('payer', `i % ${payers}`)} AS "from",
       CASE WHEN i % 100 = 0 THEN '0x' || repeat('0', 40) ELSE ${address('payer', `i * 7 % ${payers}`)} END AS "to",
       1000000000000 AS amountWei, ${T0} + i * ${(60 * 86_400) / (answers / 5)} AS timestamp FROM range(${answers / 5}) r(i)`,
    // Quality
    `INSERT INTO ContributionStanding BY NAME SELECT ${id('standing', 'i')} AS id,
       CASE i % 10 WHEN 0 THEN 'Refused' WHEN 1 THEN 'Pending' ELSE 'Accepted' END AS status FROM range(${contributions}) r(i)`,
    `INSERT INTO Validation BY NAME SELECT ${id('vote', 'i')} AS id, ${id('standing', 'i // 3')} AS standing,
       '0x' || lpad(to_hex(i % 1000 + 1), 64, '0') AS agent, i % 11 > 0 AS isAccepted FROM range(${contributions * 3}) r(i)`,
    `INSERT INTO QualityReport BY NAME SELECT ${id('report', 'i')} AS id, '0x' || lpad(to_hex(i % 1000 + 1), 64, '0') AS score,
       64 AS sampleCount, 64 - i % 3 AS matched, 100 + i % 50 AS latencyP50Ms, 300 + i % 500 AS latencyP95Ms,
       1000000 - i % 1000 AS uptimePpm FROM range(60000) r(i)`,
    `INSERT INTO QualityScore BY NAME SELECT id, id AS agent, 900000 + number % 100000 AS qualityPpm, 60 AS reportCount FROM Agent`,
    `INSERT INTO StakePool BY NAME SELECT id, id AS agent, 1000000000000000000000 AS activeWei, 0 AS slashedWei FROM Agent`,
    // What the engine knows
    `CREATE TEMP TABLE traced AS
     SELECT s.i, k, s.epoch, s.receipt, s.model, s.pool,
            (s.model % ${datanets} + ${datanets} * ${skewed('contribution', 's.i, k', contributions / datanets)})
              * ${recordsPerContribution} + (${chance('record', 's.i, k')} % 2) * 4 + k AS record
     FROM served s, range(4) c(k) WHERE s.epoch IS NOT NULL`,
    `INSERT INTO influence BY NAME
     SELECT t.epoch, t.receipt AS receipt_hash, ${id('model', 't.model')} AS model, r.digest AS canonical, r.contributor,
            CAST(1000000000 AS HUGEINT) // (k + 1) AS mean, CAST(1000000 AS HUGEINT) AS standard_error,
            CAST(998000000 AS HUGEINT) // (k + 1) AS utility, CAST(480000 // (k + 1) AS INTEGER) AS share_ppm
     FROM traced t JOIN (SELECT row_number() OVER () - 1 AS n, * FROM Record) r ON r.n = t.record ORDER BY t.i, k`,
    `INSERT INTO payout BY NAME
     SELECT t.epoch, t.receipt AS receipt_hash, r.digest AS canonical, r.contributor AS holder,
            CASE k WHEN 0 THEN t.pool - t.pool // 3 - t.pool // 6 WHEN 1 THEN t.pool // 3 ELSE t.pool // 6 END AS amount_wei
     FROM traced t JOIN (SELECT row_number() OVER () - 1 AS n, * FROM Record) r ON r.n = t.record
     WHERE k < 3 AND t.i % 10 <> 9 ORDER BY t.i, k`,
    `INSERT INTO epoch BY NAME
     SELECT epoch, 'manifest ' || epoch AS manifest,
            coalesce(lag(max(block)) OVER (ORDER BY epoch) + 1, 0) AS from_block, max(block) AS to_block, count(*) AS answers,
            sum(pool) AS fees_in_wei, sum(pool) FILTER (i % 10 <> 9) AS paid_wei, sum(pool) FILTER (i % 10 = 9) AS reserve_wei
     FROM served WHERE epoch IS NOT NULL GROUP BY epoch ORDER BY epoch`,
    `INSERT INTO RewardRoot BY NAME SELECT '0x' || to_hex(epoch) AS id, epoch, 'Proposed' AS status FROM epoch`,
    'DROP TABLE served',
    'DROP TABLE traced',
  ]
  for (const statement of statements) await analysis.run(statement)
}

const T0 = 1_750_000_000

export declare namespace MadeUpAnswers {
  /** How many there are of each. `contributions` is a multiple of `datanets`; `recordsPerContribution` is 8 or more. */
  type Size = {
    answers: number
    models: number
    datanets: number
    contributors: number
    contributions: number
    recordsPerContribution: number
    payers: number
    epochs: number
    seed: number
  }
}

/** A million answers, as the bar for views is set at. */
export const MILLION_ANSWERS: MadeUpAnswers.Size = {
  answers: 1_000_000,
  models: 1_000,
  datanets: 200,
  contributors: 2_000,
  contributions: 10_000,
  recordsPerContribution: 10,
  payers: 5_000,
  epochs: 30,
  seed: 1,
}
