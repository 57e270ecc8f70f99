-- How well does each agent do its work, by audits, clients, validators and proven faults?
--
-- A row for each agent. Feedback that was taken back is left out; anybody may give feedback, so only its count is here.
--
-- agent              | id      | the agent
-- number             | number  | its number
-- operator           | address | who acts for it now
-- quality_ppm        | ppm     | its score; null before the first report
-- reports            | count   | reports of auditors
-- samples            | count   | answers that auditors computed again
-- matched            | count   | those that came out the same
-- matched_ppm        | ppm     | matched by samples, rounded down; null without samples
-- worst_p95_ms       | ms      | longest 95th percentile of the time to the first token in any report; null before the first
-- least_uptime_ppm   | ppm     | smallest part of probes that were answered in any report; null before the first
-- feedback           | count   | feedback of clients that stands
-- validations        | count   | requests to validators that were answered
-- validation_mean_ppm | ppm    | mean of their newest answers, 100 being 1,000,000, rounded down; null without any
-- faults             | count   | pairs of conflicting receipts that were proven
-- upheld_disputes    | count   | disputes about its stake that were upheld
-- jobs_paid          | count   | training jobs that it was paid for in full
-- active_wei         | wei     | active stake behind it
-- slashed_wei        | wei     | stake that was slashed
CREATE VIEW agent_quality AS
WITH report AS (
  SELECT score, count(*) AS reports, sum(sampleCount) AS samples, sum(matched) AS matched, max(latencyP95Ms) AS worst_p95_ms,
         min(uptimePpm) AS least_uptime_ppm
  FROM QualityReport GROUP BY score
), said AS (
  SELECT agent, count(*) AS feedback FROM Feedback WHERE NOT isRevoked GROUP BY agent
), checked AS (
  SELECT agent, count(*) AS validations, sum(response) AS total FROM AgentValidation WHERE response IS NOT NULL GROUP BY agent
), fault AS (
  SELECT agent, count(*) AS faults FROM ReplayFault GROUP BY agent
), upheld AS (
  SELECT pool, count(*) AS disputes FROM Dispute WHERE status = 'Upheld' GROUP BY pool
), job AS (
  SELECT agent, count(*) AS paid FROM TrainingJob WHERE status = 'Paid' GROUP BY agent
)
SELECT a.id AS agent, a.number, a.operator, q.qualityPpm AS quality_ppm, coalesce(r.reports, 0) AS reports,
       coalesce(r.samples, 0) AS samples, coalesce(r.matched, 0) AS matched,
       CAST(r.matched * 1000000 // nullif(r.samples, 0) AS INTEGER) AS matched_ppm, r.worst_p95_ms, r.least_uptime_ppm,
       coalesce(s.feedback, 0) AS feedback, coalesce(c.validations, 0) AS validations,
       CAST(c.total * 10000 // nullif(c.validations, 0) AS INTEGER) AS validation_mean_ppm,
       coalesce(f.faults, 0) AS faults, coalesce(u.disputes, 0) AS upheld_disputes, coalesce(j.paid, 0) AS jobs_paid,
       coalesce(p.activeWei, 0) AS active_wei, coalesce(p.slashedWei, 0) AS slashed_wei
FROM Agent a
LEFT JOIN QualityScore q ON q.id = a.id
LEFT JOIN report r ON r.score = a.id
LEFT JOIN said s ON s.agent = a.id
LEFT JOIN checked c ON c.agent = a.id
LEFT JOIN fault f ON f.agent = a.id
LEFT JOIN upheld u ON u.pool = a.id
LEFT JOIN job j ON j.agent = a.id
LEFT JOIN StakePool p ON p.id = a.id
ORDER BY quality_ppm DESC NULLS LAST, a.number
