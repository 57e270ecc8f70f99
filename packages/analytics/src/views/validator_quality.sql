-- How well do validators of curated Datanets vote?
--
-- A row for each agent that voted or that a Datanet lists. A vote was right when the contribution ended as it said:
-- accepted, or refused.
--
-- agent           | id      | the agent
-- number          | number  | its number; null if there is no such agent
-- operator        | address | who acts for it now
-- listed_by       | count   | Datanets that list it as validator
-- votes           | count   | votes cast
-- accepts         | count   | votes to accept
-- rejects         | count   | votes to reject
-- right_votes     | count   | votes that agree with how the contribution ended
-- wrong_votes     | count   | votes that disagree with it
-- open_votes      | count   | votes on contributions that have not ended, or that nobody decided
-- right_ppm       | ppm     | right votes among right and wrong ones, rounded down; null before any
-- active_wei      | wei     | active stake behind the agent
-- slashed_wei     | wei     | stake that was slashed
CREATE VIEW validator_quality AS
WITH voted AS (
  SELECT v.agent, count(*) AS votes, count(*) FILTER (v.isAccepted) AS accepts, count(*) FILTER (NOT v.isAccepted) AS rejects,
         count(*) FILTER (s.status = CASE WHEN v.isAccepted THEN 'Accepted' ELSE 'Refused' END) AS right_votes,
         count(*) FILTER (s.status = CASE WHEN v.isAccepted THEN 'Refused' ELSE 'Accepted' END) AS wrong_votes
  FROM Validation v LEFT JOIN ContributionStanding s ON s.id = v.standing
  GROUP BY v.agent
), listed AS (
  SELECT agent, count(*) AS listed_by FROM DatanetValidator WHERE listed AND agent IS NOT NULL GROUP BY agent
)
SELECT agent, a.number, a.operator, coalesce(listed_by, 0) AS listed_by, coalesce(votes, 0) AS votes,
       coalesce(accepts, 0) AS accepts, coalesce(rejects, 0) AS rejects, coalesce(right_votes, 0) AS right_votes,
       coalesce(wrong_votes, 0) AS wrong_votes,
       coalesce(votes - right_votes - wrong_votes, 0) AS open_votes,
       CAST(right_votes * 1000000 // nullif(right_votes + wrong_votes, 0) AS INTEGER) AS right_ppm,
       coalesce(p.activeWei, 0) AS active_wei, coalesce(p.slashedWei, 0) AS slashed_wei
FROM voted FULL JOIN listed USING (agent)
LEFT JOIN Agent a ON a.id = agent
LEFT JOIN StakePool p ON p.id = agent
ORDER BY right_ppm DESC NULLS LAST, votes DESC, agent
