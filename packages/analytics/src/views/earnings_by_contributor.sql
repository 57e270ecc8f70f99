-- What did each contributor earn, and what of it was claimed?
--
-- A row for each account that contributed records or was paid for some. What epochs that were not rejected grant counts as
-- earned, whether or not their roots pay yet.
--
-- contributor      | address | the account
-- contributions    | count   | contributions made
-- records          | count   | records that those contributions state
-- paid_records     | count   | records that earned something
-- payouts          | count   | shares of answers received: one for each answer and record
-- earned_wei       | wei     | granted by all epochs
-- claimed_wei      | wei     | paid out so far
-- unclaimed_wei    | wei     | earned and not paid out; negative if the index is ahead of the epochs known here
-- share_ppm        | ppm     | part of what all contributors earned, rounded down
CREATE VIEW earnings_by_contributor AS
WITH earned AS (
  SELECT holder AS contributor, count(*) AS paid_records, sum(answers) AS payouts, sum(earned_wei) AS earned_wei
  FROM _paid_record GROUP BY holder
), contributed AS (
  SELECT contributor, count(*) AS contributions, sum(recordCount) AS records FROM Contribution GROUP BY contributor
), everyone AS (
  SELECT contributor, coalesce(contributions, 0) AS contributions, coalesce(records, 0) AS records,
         coalesce(paid_records, 0) AS paid_records, coalesce(payouts, 0) AS payouts, coalesce(earned_wei, 0) AS earned_wei
  FROM contributed FULL JOIN earned USING (contributor)
)
SELECT contributor, contributions, records, paid_records, CAST(payouts AS BIGINT) AS payouts, earned_wei,
       coalesce(a.claimedWei, 0) AS claimed_wei,
       earned_wei - coalesce(a.claimedWei, 0) AS unclaimed_wei,
       CAST(coalesce(earned_wei * 1000000 // nullif(sum(earned_wei) OVER (), 0), 0) AS INTEGER) AS share_ppm
FROM everyone LEFT JOIN Account a ON a.id = contributor
ORDER BY earned_wei DESC, contributor
