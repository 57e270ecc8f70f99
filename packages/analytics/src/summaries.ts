/**
 * Tables that are made once when an analysis is built, so that views add up a row for each epoch and record and not one for
 * each answer and record, and by number and not by hash. They hold nothing that the tables they are made from do not.
 *
 *   _standing_epoch  epochs that were not rejected, with the day of their last settlement
 *   _paid_record     record (a number) ↔ canonical digest and holder, and where that holder listed it first
 *   _earning         payouts of standing epochs, added up by epoch and record
 */
export const SUMMARIES: readonly string[] = [
  `CREATE TABLE _standing_epoch AS
   SELECT e.epoch, e.from_block, e.to_block, e.answers, e.paid_wei, e.reserve_wei,
          (SELECT DATE '1970-01-01' + CAST(max(s.timestamp) // 86400 AS INTEGER) FROM Settlement s
           WHERE s.blockNumber BETWEEN e.from_block AND e.to_block) AS day
   FROM epoch e LEFT JOIN RewardRoot r ON r.epoch = e.epoch
   WHERE r.status IS NULL OR r.status <> 'Rejected'
   ORDER BY e.epoch`,
  `CREATE TABLE _paid_record AS
   SELECT CAST(row_number() OVER (ORDER BY p.canonical, p.holder) AS INTEGER) AS record, p.canonical, p.holder,
          o.datanet, o.contribution, o.title
   FROM (SELECT DISTINCT canonical, holder FROM payout) p
   LEFT JOIN (
     SELECT r.digest, r.contributor, r.datanet, r.contribution, r.title
     FROM Record r JOIN Contribution c ON c.id = r.contribution
     WHERE r.digest IN (SELECT canonical FROM payout)
     QUALIFY row_number() OVER (PARTITION BY r.digest, r.contributor ORDER BY c.blockNumber, c.logIndex, r.index) = 1
   ) o ON o.digest = p.canonical AND o.contributor = p.holder
   ORDER BY record`,
  `CREATE TABLE _earning AS
   SELECT p.epoch, r.record, count(*) AS answers, sum(p.amount_wei) AS amount_wei
   FROM payout p JOIN _paid_record r ON r.canonical = p.canonical AND r.holder = p.holder
   WHERE p.epoch IN (SELECT epoch FROM _standing_epoch)
   GROUP BY p.epoch, r.record
   ORDER BY p.epoch, r.record`,
]
