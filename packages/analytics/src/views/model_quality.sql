-- How well does each model do, by audits and evaluations?
--
-- A row for each model.
--
-- model         | id    | the model
-- name          | text  | its name
-- kind          | text  | Base, Adapter or Head
-- quality_ppm   | ppm   | its score; null before the first report
-- reports       | count | reports of auditors
-- samples       | count | answers that auditors computed again
-- matched       | count | those that came out the same
-- matched_ppm   | ppm   | matched by samples, rounded down; null without samples
-- evaluations   | count | evaluations that nobody found wrong
-- flagged       | count | evaluations that were found wrong
-- challenges    | count | contradictions of its evaluations
-- active_wei    | wei   | active stake behind the model
-- slashed_wei   | wei   | stake that was slashed
CREATE VIEW model_quality AS
WITH report AS (
  SELECT score, count(*) AS reports, sum(sampleCount) AS samples, sum(matched) AS matched FROM QualityReport GROUP BY score
), measured AS (
  SELECT model, count(*) FILTER (NOT isFlagged) AS evaluations, count(*) FILTER (isFlagged) AS flagged,
         CAST(sum(challengeCount) AS BIGINT) AS challenges
  FROM Evaluation GROUP BY model
)
SELECT m.id AS model, m.name, m.kind, q.qualityPpm AS quality_ppm, coalesce(r.reports, 0) AS reports,
       coalesce(r.samples, 0) AS samples, coalesce(r.matched, 0) AS matched,
       CAST(r.matched * 1000000 // nullif(r.samples, 0) AS INTEGER) AS matched_ppm,
       coalesce(e.evaluations, 0) AS evaluations, coalesce(e.flagged, 0) AS flagged, coalesce(e.challenges, 0) AS challenges,
       coalesce(p.activeWei, 0) AS active_wei, coalesce(p.slashedWei, 0) AS slashed_wei
FROM Model m
LEFT JOIN QualityScore q ON q.id = m.id
LEFT JOIN report r ON r.score = m.id
LEFT JOIN measured e ON e.model = m.id
LEFT JOIN StakePool p ON p.id = m.id
ORDER BY quality_ppm DESC NULLS LAST, model
