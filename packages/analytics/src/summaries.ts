/**
 * Tables that are made once when an analysis is built, so that views need not add up a row for each answer and record,
 * nor join by hash. They hold nothing that the tables they are made from do not.
 *
 *   _standing_epoch  epochs that were not rejected, with the day of their last settlement
 *   _paid_record     what each record earned, and where its holder listed it first
 *   _earning         what each account earned in each epoch
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
   SELECT p.canonical, p.holder, o.datanet, o.contribution, o.title, p.answers, p.earned_wei, p.first_epoch, p.last_epoch
   FROM (
     SELECT canonical, holder, count(*) AS answers, sum(amount_wei) AS earned_wei, min(epoch) AS first_epoch,
            max(epoch) AS last_epoch
     FROM payout WHERE epoch IN (SELECT epoch FROM _standing_epoch)
     GROUP BY canonical, holder
   ) p
   LEFT JOIN (
     SELECT r.digest, r.contributor, r.datanet, r.contribution, r.title
     FROM Record r JOIN Contribution c ON c.id = r.contribution
     WHERE r.digest IN (SELECT canonical FROM payout)
     QUALIFY row_number() OVER (PARTITION BY r.digest, r.contributor ORDER BY c.blockNumber, c.logIndex, r.index) = 1
   ) o ON o.digest = p.canonical AND o.contributor = p.holder
   ORDER BY p.earned_wei DESC, p.canonical, p.holder`,
  `CREATE TABLE _earning AS
   SELECT epoch, holder, count(*) AS payouts, sum(amount_wei) AS wei
   FROM payout WHERE epoch IN (SELECT epoch FROM _standing_epoch)
   GROUP BY epoch, holder
   ORDER BY epoch, holder`,
]
