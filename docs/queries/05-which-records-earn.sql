-- Which records earn most, where do they come from, and for how many answers?
SELECT title, answers, earned_wei, substr(contributor, 1, 10) AS contributor FROM earnings_by_record LIMIT 10
