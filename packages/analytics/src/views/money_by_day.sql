-- How much OPEN passed each stage of the flow of money, day by day?
--
-- A row for each day on which anything moved, by the times of the blocks. Every amount is what passed on that day alone.
-- settled_wei is the sum of the six parts after it.
--
-- day                | UTC date | day of the blocks
-- deposited_wei      | wei      | paid into the escrow by or for payers
-- withdrawn_wei      | wei      | taken back out of the escrow by payers
-- settled_wei        | wei      | fees of settled vouchers
-- protocol_wei       | wei      | their part for the treasury
-- node_wei           | wei      | their part for nodes
-- base_owner_wei     | wei      | their part for owners of base models
-- adapter_owner_wei  | wei      | their part for owners of adapters and heads
-- stakers_wei        | wei      | their part for stakers of models
-- contributors_wei   | wei      | their part for contributors, what rounding left included
-- pending_wei        | wei      | contributors' part that no epoch has paid out yet
-- swept_wei          | wei      | contributors' parts that left the escrow
-- emitted_wei        | wei      | OPEN of the community that was emitted to rewards
-- drip_funded_wei    | wei      | money for rewards that arrived at the drip
-- dripped_wei        | wei      | what the drip passed on to the reward vault
-- funded_wei         | wei      | all that arrived in the reward vault
-- claimed_wei        | wei      | rewards paid to accounts
-- burnt_wei          | wei      | OPEN that was burnt
CREATE VIEW money_by_day AS
WITH moved AS (
  SELECT timestamp // 86400 AS day, sum(amountWei) FILTER (amountWei > 0) AS deposited,
         -sum(amountWei) FILTER (amountWei < 0) AS withdrawn
  FROM EscrowMovement GROUP BY ALL
  UNION ALL BY NAME
    SELECT timestamp // 86400 AS day, sum(amountWei) AS settled, sum(protocolWei) AS protocol, sum(nodeWei) AS node,
           sum(baseOwnerWei) AS base_owner, sum(adapterOwnerWei) AS adapter_owner, sum(stakersWei) AS stakers,
           sum(contributorsWei) AS contributors,
           sum(contributorsWei) FILTER (blockNumber > coalesce((SELECT max(to_block) FROM _standing_epoch), -1)) AS pending
    FROM Division GROUP BY ALL
  UNION ALL BY NAME SELECT timestamp // 86400 AS day, sum(amountWei) AS swept FROM Sweep GROUP BY ALL
  UNION ALL BY NAME SELECT timestamp // 86400 AS day, sum(amountWei) AS emitted FROM Emission GROUP BY ALL
  UNION ALL BY NAME SELECT timestamp // 86400 AS day, sum(amountWei) AS drip_funded FROM DripFunding GROUP BY ALL
  UNION ALL BY NAME SELECT timestamp // 86400 AS day, sum(amountWei) AS dripped FROM Drip GROUP BY ALL
  UNION ALL BY NAME SELECT timestamp // 86400 AS day, sum(amountWei) AS funded FROM Funding GROUP BY ALL
  UNION ALL BY NAME SELECT timestamp // 86400 AS day, sum(amountWei) AS claimed FROM Claim GROUP BY ALL
  UNION ALL BY NAME
    SELECT timestamp // 86400 AS day, sum(amountWei) AS burnt FROM TokenTransfer
    WHERE "to" = '0x0000000000000000000000000000000000000000'
      AND token IN (SELECT id FROM Contract WHERE name = 'OpenToken')
    GROUP BY ALL
)
SELECT DATE '1970-01-01' + CAST(moved.day AS INTEGER) AS day,
       coalesce(sum(deposited), 0) AS deposited_wei,
       coalesce(sum(withdrawn), 0) AS withdrawn_wei,
       coalesce(sum(settled), 0) AS settled_wei,
       coalesce(sum(protocol), 0) AS protocol_wei,
       coalesce(sum(node), 0) AS node_wei,
       coalesce(sum(base_owner), 0) AS base_owner_wei,
       coalesce(sum(adapter_owner), 0) AS adapter_owner_wei,
       coalesce(sum(stakers), 0) AS stakers_wei,
       coalesce(sum(contributors), 0) AS contributors_wei,
       coalesce(sum(pending), 0) AS pending_wei,
       coalesce(sum(swept), 0) AS swept_wei,
       coalesce(sum(emitted), 0) AS emitted_wei,
       coalesce(sum(drip_funded), 0) AS drip_funded_wei,
       coalesce(sum(dripped), 0) AS dripped_wei,
       coalesce(sum(funded), 0) AS funded_wei,
       coalesce(sum(claimed), 0) AS claimed_wei,
       coalesce(sum(burnt), 0) AS burnt_wei
FROM moved
GROUP BY moved.day
ORDER BY day
