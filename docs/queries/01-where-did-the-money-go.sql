-- Where did every OPEN that payers deposited go?
SELECT stage, wei // 1000000000000000 / 1000 AS open
FROM (UNPIVOT money_total ON COLUMNS(*) INTO NAME stage VALUE wei)
