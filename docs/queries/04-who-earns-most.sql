-- Which contributors earn most, and how much of it have they claimed?
SELECT contributor, records, paid_records, earned_wei, claimed_wei, share_ppm FROM earnings_by_contributor LIMIT 10
