-- What was settled, day by day, and who got which part?
SELECT day, settled_wei, protocol_wei, node_wei, base_owner_wei, adapter_owner_wei, stakers_wei, contributors_wei
FROM money_by_day
WHERE settled_wei > 0
