-- Which adapters bring in most for each record that they were trained on?
SELECT rank, name, answers, settled_wei, training_records, wei_per_record FROM adapters_by_revenue
