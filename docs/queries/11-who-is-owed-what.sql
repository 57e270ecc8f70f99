-- Who has earned something and not claimed it yet?
SELECT contributor, earned_wei, claimed_wei, unclaimed_wei FROM earnings_by_contributor WHERE unclaimed_wei > 0 ORDER BY unclaimed_wei DESC LIMIT 10
