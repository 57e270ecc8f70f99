-- How much OPEN has passed each stage of the flow of money so far?
--
-- One row. Every amount is a sum since the beginning, so `deposited_wei - withdrawn_wei - settled_wei` is what payers hold
-- in the escrow now.
--
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
CREATE VIEW money_total AS
SELECT
  coalesce(sum(deposited_wei), 0) AS deposited_wei,
  coalesce(sum(withdrawn_wei), 0) AS withdrawn_wei,
  coalesce(sum(settled_wei), 0) AS settled_wei,
  coalesce(sum(protocol_wei), 0) AS protocol_wei,
  coalesce(sum(node_wei), 0) AS node_wei,
  coalesce(sum(base_owner_wei), 0) AS base_owner_wei,
  coalesce(sum(adapter_owner_wei), 0) AS adapter_owner_wei,
  coalesce(sum(stakers_wei), 0) AS stakers_wei,
  coalesce(sum(contributors_wei), 0) AS contributors_wei,
  coalesce(sum(pending_wei), 0) AS pending_wei,
  coalesce(sum(swept_wei), 0) AS swept_wei,
  coalesce(sum(emitted_wei), 0) AS emitted_wei,
  coalesce(sum(drip_funded_wei), 0) AS drip_funded_wei,
  coalesce(sum(dripped_wei), 0) AS dripped_wei,
  coalesce(sum(funded_wei), 0) AS funded_wei,
  coalesce(sum(claimed_wei), 0) AS claimed_wei,
  coalesce(sum(burnt_wei), 0) AS burnt_wei
FROM money_by_day
