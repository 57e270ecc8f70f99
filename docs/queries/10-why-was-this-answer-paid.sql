-- Which records shaped the newest paid answer, how surely, and what did each earn for it?
WITH newest AS (
  SELECT receiptHash FROM Answer WHERE receiptHash IN (SELECT receipt_hash FROM payout) ORDER BY timestampMs DESC, id LIMIT 1
)
SELECT r.title, i.mean, i.standard_error, i.utility, i.share_ppm, p.amount_wei
FROM influence i
JOIN newest n ON n.receiptHash = i.receipt_hash
LEFT JOIN payout p ON p.receipt_hash = i.receipt_hash AND p.canonical = i.canonical
LEFT JOIN (SELECT digest, min(title) AS title FROM Record GROUP BY digest) r ON r.digest = i.canonical
WHERE i.utility > 0
ORDER BY i.utility DESC, i.canonical
LIMIT 10
