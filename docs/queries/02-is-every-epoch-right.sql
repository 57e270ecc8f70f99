-- Does every epoch pay out exactly what came in, to the wei?
SELECT epoch, fees_in_wei, paid_wei, reserve_wei, pending_wei, difference_wei FROM epoch_reconciliation
