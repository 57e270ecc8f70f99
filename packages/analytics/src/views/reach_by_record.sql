-- How far does each record reach: how many models came of it, what did they answer and bring in?
--
-- A row for each record of a manifest that could be read: its contribution's reach. Whether it shaped an answer is another
-- question: see earnings_by_record and the table influence.
--
-- record            | id      | the record, as one contribution lists it
-- digest            | digest  | sha2-256 of its content
-- title             | text    | where it comes from, as stated
-- contribution      | id      | the contribution that lists it
-- contributor       | address | who contributed it
-- direct_models     | count   | models trained on its contribution
-- models            | count   | models made from its contribution, directly or through their parents
-- answers           | count   | answers that these models gave, as receipts state
-- settled_wei       | wei     | fees settled for these models
-- contributors_wei  | wei     | the contributors' part of those fees
CREATE VIEW reach_by_record AS
SELECT r.id AS record, r.digest, r.title, r.contribution, r.contributor, c.direct_models, c.models, c.answers,
       c.settled_wei, c.contributors_wei
FROM Record r JOIN reach_by_contribution c ON c.contribution = r.contribution
