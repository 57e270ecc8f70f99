-- How evenly are earnings spread: Gini coefficient and the part of the top tenth?
SELECT coalesce(name, 'all') AS scope, contributors, earners, gini_ppm, top_10_percent, top_10_ppm FROM concentration
