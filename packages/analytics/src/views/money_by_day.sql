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
  SELECT timestamp, amountWei AS deposited FROM EscrowMovement WHERE amountWei > 0
  UNION ALL BY NAME SELECT timestamp, -amountWei AS withdrawn FROM EscrowMovement WHERE amountWei < 0
  UNION ALL BY NAME
    SELECT timestamp, amountWei AS settled, protocolWei AS protocol, nodeWei AS node, baseOwnerWei AS base_owner,
           adapterOwnerWei AS adapter_owner, stakersWei AS stakers, contributorsWei AS contributors,
           CASE WHEN blockNumber > coalesce((SELECT max(to_block) FROM _standing_epoch), -1) THEN contributorsWei END AS pending
    FROM Division
  UNION ALL BY NAME SELECT timestamp, amountWei AS swept FROM Sweep
  UNION ALL BY NAME SELECT timestamp, amountWei AS emitted FROM Emission
  UNION ALL BY NAME SELECT timestamp, amountWei AS drip_funded FROM DripFunding
  UNION ALL BY NAME SELECT timestamp, amountWei AS dripped FROM Drip
  UNION ALL BY NAME SELECT timestamp, amountWei AS funded FROM Funding
  UNION ALL BY NAME SELECT timestamp, amountWei AS claimed FROM Claim
  UNION ALL BY NAME
    SELECT t.timestamp, t.amountWei AS burnt FROM TokenTransfer t JOIN Contract c ON c.id = t.token
    WHERE c.name = 'OpenToken' AND t."to" = '0x0000000000000000000000000000000000000000'
)
SELECT DATE '1970-01-01' + CAST(timestamp // 86400 AS INTEGER) AS day,
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
GROUP BY day
ORDER BY day
