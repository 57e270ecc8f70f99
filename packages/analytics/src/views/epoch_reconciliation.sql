-- Does every epoch pay out exactly what was settled for it?
--
-- A row for each epoch that was not rejected, and a last one without a number for what no epoch has paid out yet. What
-- came in is counted from the index, what went out from the epochs' payouts, so `difference_wei` compares two sources: it
-- must be 0 in every row. The rows' fees add up to all fees that contributors were ever owed.
--
-- epoch           | number | the epoch; null for what is pending
-- from_block      | number | first block whose settlements it pays
-- to_block        | number | last block whose settlements it pays; null for what is pending
-- answers         | count  | answers that it pays for; null for what is pending
-- fees_in_wei     | wei    | contributors' part of the fees settled in these blocks
-- paid_wei        | wei    | sum of its payouts to contributors
-- reserve_wei     | wei    | what no record earned
-- pending_wei     | wei    | what waits for the next epoch
-- difference_wei  | wei    | fees_in_wei - paid_wei - reserve_wei - pending_wei: 0, or money was lost or made
CREATE VIEW epoch_reconciliation AS
WITH settled AS (
  SELECT e.epoch, sum(d.contributorsWei) AS wei
  FROM (SELECT blockNumber, sum(contributorsWei) AS contributorsWei FROM Settlement GROUP BY blockNumber) d
  ASOF LEFT JOIN _standing_epoch e ON d.blockNumber <= e.to_block
  GROUP BY e.epoch
), paid AS (
  SELECT epoch, sum(wei) AS wei FROM _earning GROUP BY epoch
), line AS (
  SELECT e.epoch, e.from_block, e.to_block, e.answers, coalesce(s.wei, 0) AS fees_in_wei, coalesce(p.wei, 0) AS paid_wei,
         e.reserve_wei, CAST(0 AS HUGEINT) AS pending_wei
  FROM _standing_epoch e LEFT JOIN settled s ON s.epoch = e.epoch LEFT JOIN paid p ON p.epoch = e.epoch
  UNION ALL
  SELECT NULL, (SELECT max(to_block) + 1 FROM _standing_epoch), NULL, NULL, coalesce(sum(wei), 0), 0, 0, coalesce(sum(wei), 0)
  FROM settled WHERE epoch IS NULL
)
SELECT *, fees_in_wei - paid_wei - reserve_wei - pending_wei AS difference_wei
FROM line
ORDER BY epoch NULLS LAST
