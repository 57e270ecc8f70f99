-- What came of each Datanet: models, answers, fees?
SELECT name, direct_models, models, answers, settled_wei, contributors_wei FROM reach_by_datanet
