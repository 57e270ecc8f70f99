-- Which adapters earn most for each record that they were trained on?
--
-- A row for each model that is no base. Its training records are those that its Datanets held, as stated, at the versions
-- it was registered with; duplicates among them are not taken out.
--
-- rank              | number  | place by wei_per_record, from 1; equal ones share it
-- model             | id      | the adapter or head
-- name              | text    | its name
-- owner             | address | who owns it now
-- base              | id      | the base model that it runs on
-- answers           | count   | answers that it gave, as receipts state
-- settled_wei       | wei     | fees settled for it
-- contributors_wei  | wei     | their part for contributors
-- training_records  | count   | records of its Datanets at the versions it was registered with
-- wei_per_record    | wei     | settled_wei by training_records, rounded down; null without any
CREATE VIEW adapters_by_revenue AS
WITH trained AS (
  SELECT p.model, sum(c.recordCount) AS records
  FROM ModelParent p JOIN Contribution c ON c.datanet = p.datanet AND c.version <= p.version
  GROUP BY p.model
), answered AS (
  SELECT model, count(*) AS answers FROM Answer GROUP BY model
)
SELECT rank() OVER (ORDER BY wei_per_record DESC NULLS LAST) AS rank, *
FROM (
  SELECT m.id AS model, m.name, m.owner, m.base, coalesce(a.answers, 0) AS answers, m.settledWei AS settled_wei,
         m.contributorsWei AS contributors_wei, coalesce(t.records, 0) AS training_records,
         m.settledWei // nullif(t.records, 0) AS wei_per_record
  FROM Model m LEFT JOIN trained t ON t.model = m.id LEFT JOIN answered a ON a.model = m.id
  WHERE m.kind <> 'Base'
)
ORDER BY rank, model
