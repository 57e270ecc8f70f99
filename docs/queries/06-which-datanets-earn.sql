-- Which Datanets earn most for each of their records?
SELECT name, records, paid_records, earned_wei, wei_per_record FROM earnings_by_datanet ORDER BY wei_per_record DESC NULLS LAST
