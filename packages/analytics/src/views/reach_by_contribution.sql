-- How far does each contribution reach: how many models came of it, what did they answer and bring in?
--
-- A row for each contribution. A model counts when the version of the Datanet that reached it, directly or through its
-- parents, holds the contribution. Answers and fees of a model count for every contribution in it.
--
-- contribution      | id      | the contribution
-- datanet           | id      | its Datanet
-- contributor       | address | who contributed
-- records           | count   | records that it states
-- direct_models     | count   | models trained on it
-- models            | count   | models made from it, directly or through their parents
-- answers           | count   | answers that these models gave, as receipts state
-- settled_wei       | wei     | fees settled for these models
-- contributors_wei  | wei     | the contributors' part of those fees
CREATE VIEW reach_by_contribution AS
WITH answered AS (SELECT model, count(*) AS answers FROM Answer GROUP BY model),
source AS (
  SELECT s.datanet, s.version, count(*) AS models, count(*) FILTER (s.depth = 0) AS direct_models,
         sum(coalesce(a.answers, 0)) AS answers, sum(m.settledWei) AS settled_wei, sum(m.contributorsWei) AS contributors_wei
  FROM model_sources s JOIN Model m ON m.id = s.model LEFT JOIN answered a ON a.model = s.model
  GROUP BY s.datanet, s.version
)
SELECT c.id AS contribution, any_value(c.datanet) AS datanet, any_value(c.contributor) AS contributor,
       any_value(c.recordCount) AS records, CAST(coalesce(sum(s.direct_models), 0) AS BIGINT) AS direct_models,
       CAST(coalesce(sum(s.models), 0) AS BIGINT) AS models, CAST(coalesce(sum(s.answers), 0) AS BIGINT) AS answers,
       coalesce(sum(s.settled_wei), 0) AS settled_wei, coalesce(sum(s.contributors_wei), 0) AS contributors_wei
FROM Contribution c LEFT JOIN source s ON s.datanet = c.datanet AND s.version >= c.version
GROUP BY c.id
