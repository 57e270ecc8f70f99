-- How much do each contributor's records shape each model's answers, epoch by epoch?
--
-- A cell of a heat map: a row for each epoch that was not rejected, model and contributor. An answer that a contributor's
-- records did not shape counts as 0; one that no record shaped has no row in the table influence and is not counted.
--
-- epoch              | number  | epoch that pays for the answers
-- model              | id      | what answered
-- contributor        | address | who is paid for the clusters
-- answers            | count   | the model's answers in the epoch that any record shaped
-- shaped_answers     | count   | those of them that the contributor's records shaped
-- clusters           | count   | different clusters of the contributor that shaped them
-- mean_ppm           | ppm     | mean over these answers of the contributor's part of the utility, rounded down
-- standard_error_ppm | ppm     | standard error of that mean, rounded up; null for a single answer
CREATE VIEW influence_heat_map AS
WITH cell AS (
  SELECT epoch, model, contributor, receipt_hash, CAST(sum(share_ppm) AS HUGEINT) AS share
  FROM influence WHERE epoch IN (SELECT epoch FROM _standing_epoch)
  GROUP BY epoch, model, contributor, receipt_hash
), asked AS (
  SELECT epoch, model, CAST(count(DISTINCT receipt_hash) AS HUGEINT) AS answers FROM influence GROUP BY epoch, model
), cluster AS (
  SELECT epoch, model, contributor, count(DISTINCT canonical) AS clusters FROM influence
  GROUP BY epoch, model, contributor
), summed AS (
  SELECT epoch, model, contributor, count(*) AS shaped_answers, CAST(sum(share) AS HUGEINT) AS shares,
         CAST(sum(share * share) AS HUGEINT) AS squares
  FROM cell GROUP BY epoch, model, contributor
)
SELECT s.epoch, s.model, s.contributor, CAST(a.answers AS BIGINT) AS answers, s.shaped_answers, c.clusters,
       CAST(s.shares // a.answers AS BIGINT) AS mean_ppm,
       -- sum (x - mean)² = squares - shares² / answers; its root is taken once, of integers
       CASE WHEN a.answers > 1 THEN
         CAST(ceil(sqrt((a.answers * s.squares - s.shares * s.shares) / (a.answers * a.answers * (a.answers - 1)))) AS BIGINT)
       END AS standard_error_ppm
FROM summed s
JOIN asked a ON a.epoch = s.epoch AND a.model = s.model
JOIN cluster c ON c.epoch = s.epoch AND c.model = s.model AND c.contributor = s.contributor
