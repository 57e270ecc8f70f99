-- What did the records of each Datanet earn?
--
-- A row for each Datanet, and one without an id if records were paid whose manifests the index could not read. A record
-- that one account lists in several Datanets counts for the one where it stood first.
--
-- datanet            | id    | the Datanet
-- name               | text  | its name
-- records            | count | records that its contributions state
-- paid_records       | count | records that earned something
-- paid_contributors  | count | accounts that earned something with them
-- payouts            | count | shares of answers: one for each answer and record
-- earned_wei         | wei   | granted by all epochs
-- wei_per_record     | wei   | earned_wei by records stated, rounded down; null without records
-- share_ppm          | ppm   | part of what all Datanets earned, rounded down
CREATE VIEW earnings_by_datanet AS
WITH earned AS (
  SELECT datanet, count(*) AS paid_records, count(DISTINCT holder) AS paid_contributors, sum(answers) AS payouts,
         sum(earned_wei) AS earned_wei
  FROM _paid_record GROUP BY datanet
)
SELECT coalesce(d.id, e.datanet) AS datanet, d.name, coalesce(d.recordCount, 0) AS records,
       coalesce(e.paid_records, 0) AS paid_records, coalesce(e.paid_contributors, 0) AS paid_contributors,
       CAST(coalesce(e.payouts, 0) AS BIGINT) AS payouts, coalesce(e.earned_wei, 0) AS earned_wei,
       coalesce(e.earned_wei, 0) // nullif(d.recordCount, 0) AS wei_per_record,
       CAST(coalesce(e.earned_wei * 1000000 // nullif(sum(e.earned_wei) OVER (), 0), 0) AS INTEGER) AS share_ppm
FROM Datanet d FULL JOIN earned e ON e.datanet = d.id
ORDER BY earned_wei DESC, datanet
