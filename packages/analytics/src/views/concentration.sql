-- How evenly are earnings spread over contributors?
--
-- One row for all contributors together and one for each Datanet. Everybody who contributed counts, also who earned
-- nothing. Gini = sum of (2i - n - 1) x[i] / (n * sum of x[i]), earnings x ascending, i from 1: 0 when all earn the same,
-- (n - 1) / n when one earns everything. It is given as a fraction of integers, because a float would round.
--
-- scope             | text  | `all`, or the id of a Datanet
-- name              | text  | name of the Datanet; null for all
-- contributors      | count | accounts that contributed or earned
-- earners           | count | those of them that earned something
-- earned_wei        | wei   | what they earned together
-- gini_numerator    | wei   | numerator of the Gini coefficient
-- gini_denominator  | wei   | its denominator; 0 when nobody earned anything
-- gini_ppm          | ppm   | the coefficient, rounded down; null when nobody earned anything
-- top_1_percent     | count | number of accounts in the top hundredth, rounded up
-- top_1_ppm         | ppm   | their part of the earnings, rounded down; null when nobody earned anything
-- top_10_percent    | count | number of accounts in the top tenth, rounded up
-- top_10_ppm        | ppm   | their part of the earnings, rounded down; null when nobody earned anything
CREATE VIEW concentration AS
WITH earned AS (
  SELECT datanet, holder, sum(earned_wei) AS wei FROM _paid_record GROUP BY datanet, holder
), member AS (
  SELECT datanet AS scope, contributor AS account, CAST(0 AS HUGEINT) AS wei FROM Contribution
  UNION ALL SELECT datanet, holder, wei FROM earned WHERE datanet IS NOT NULL
  UNION ALL SELECT 'all', contributor, 0 FROM Contribution
  UNION ALL SELECT 'all', holder, wei FROM earned
), ranked AS (
  SELECT scope, account, sum(wei) AS wei,
         row_number() OVER (PARTITION BY scope ORDER BY sum(wei), account) AS i, count(*) OVER (PARTITION BY scope) AS n
  FROM member GROUP BY scope, account
), summed AS (
  SELECT scope, any_value(n) AS contributors, count(*) FILTER (wei > 0) AS earners, sum(wei) AS earned_wei,
         sum((2 * i - n - 1) * wei) AS gini_numerator, any_value(n) * sum(wei) AS gini_denominator,
         any_value((n + 99) // 100) AS top_1_percent, coalesce(sum(wei) FILTER (i > n - (n + 99) // 100), 0) AS top_1_wei,
         any_value((n + 9) // 10) AS top_10_percent, coalesce(sum(wei) FILTER (i > n - (n + 9) // 10), 0) AS top_10_wei
  FROM ranked GROUP BY scope
)
SELECT s.scope, d.name, s.contributors, s.earners, s.earned_wei, s.gini_numerator, s.gini_denominator,
       -- In two steps: the numerator times a million might not fit in 127 bits.
       CAST(s.gini_numerator * 1000 // nullif(s.gini_denominator, 0) * 1000
            + s.gini_numerator * 1000 % nullif(s.gini_denominator, 0) * 1000 // nullif(s.gini_denominator, 0) AS INTEGER) AS gini_ppm,
       s.top_1_percent, CAST(s.top_1_wei * 1000000 // nullif(s.earned_wei, 0) AS INTEGER) AS top_1_ppm,
       s.top_10_percent, CAST(s.top_10_wei * 1000000 // nullif(s.earned_wei, 0) AS INTEGER) AS top_10_ppm
FROM summed s LEFT JOIN Datanet d ON d.id = s.scope
ORDER BY s.scope <> 'all', s.earned_wei DESC, s.scope
