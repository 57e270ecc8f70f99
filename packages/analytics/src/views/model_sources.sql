-- What was each model made from, directly or through its parents?
--
-- A row for each model and Datanet that reached it on any path of the lineage graph.
--
-- model    | id     | the model
-- datanet  | id     | the Datanet
-- version  | number | newest version of the Datanet that reached the model: contributions up to it are in
-- depth    | count  | models between them on the shortest path; 0 when the model itself was trained on it
CREATE VIEW model_sources AS
WITH RECURSIVE reached(model, datanet, version, depth) AS (
  SELECT model, datanet, version, 0 FROM ModelParent WHERE datanet IS NOT NULL
  UNION
  SELECT p.model, r.datanet, r.version, r.depth + 1 FROM ModelParent p JOIN reached r ON r.model = p.parentModel
)
SELECT model, datanet, max(version) AS version, min(depth) AS depth
FROM reached GROUP BY model, datanet
ORDER BY model, datanet
