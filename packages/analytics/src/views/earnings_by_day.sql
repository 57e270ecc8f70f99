-- What did contributors earn, day by day?
--
-- A row for each day on which an epoch ended: the day of the last settlement that it pays. Rejected epochs are left out.
--
-- day                | UTC date | day of the epochs' last settlements
-- epochs             | count    | epochs that ended on it
-- answers            | count    | answers that they pay for
-- payouts            | count    | shares of answers: one for each answer and record
-- paid_contributors  | count    | accounts that earned something
-- paid_wei           | wei      | earned by contributors
-- reserve_wei        | wei      | what no record earned
CREATE VIEW earnings_by_day AS
WITH earned AS (
  SELECT s.day, count(DISTINCT e.holder) AS paid_contributors, sum(e.payouts) AS payouts
  FROM _earning e JOIN _standing_epoch s ON s.epoch = e.epoch
  GROUP BY s.day
)
SELECT s.day, count(*) AS epochs, CAST(sum(s.answers) AS BIGINT) AS answers,
       CAST(coalesce(any_value(e.payouts), 0) AS BIGINT) AS payouts,
       coalesce(any_value(e.paid_contributors), 0) AS paid_contributors, sum(s.paid_wei) AS paid_wei,
       sum(s.reserve_wei) AS reserve_wei
FROM _standing_epoch s LEFT JOIN earned e ON e.day IS NOT DISTINCT FROM s.day
GROUP BY s.day
ORDER BY s.day
