-- How far does each Datanet reach: how many models came of it, what did they answer and bring in?
--
-- A row for each Datanet. Models count that were trained on any version of it, directly or through their parents. Answers
-- and fees of a model count for every Datanet that reached it, so these columns do not add up over Datanets.
--
-- datanet           | id    | the Datanet
-- name              | text  | its name
-- direct_models     | count | models trained on it
-- models            | count | models made from it, directly or through their parents
-- depth             | count | models between it and the farthest of them; null when there are none
-- answers           | count | answers that these models gave, as receipts state
-- settled_wei       | wei   | fees settled for these models
-- contributors_wei  | wei   | the contributors' part of those fees
CREATE VIEW reach_by_datanet AS
WITH answered AS (SELECT model, count(*) AS answers FROM Answer GROUP BY model)
SELECT d.id AS datanet, any_value(d.name) AS name, count(s.model) FILTER (s.depth = 0) AS direct_models,
       count(s.model) AS models, max(s.depth) AS depth, CAST(coalesce(sum(a.answers), 0) AS BIGINT) AS answers,
       coalesce(sum(m.settledWei), 0) AS settled_wei, coalesce(sum(m.contributorsWei), 0) AS contributors_wei
FROM Datanet d
LEFT JOIN model_sources s ON s.datanet = d.id
LEFT JOIN Model m ON m.id = s.model
LEFT JOIN answered a ON a.model = s.model
GROUP BY d.id
ORDER BY settled_wei DESC, datanet
