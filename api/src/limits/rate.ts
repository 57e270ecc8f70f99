import { OpenLedgerError } from '@openledger/protocol'
import type { RequestHandler } from 'express'

/** More addresses than this are forgotten, the longest silent first: memory stays bounded whoever asks. */
const MAX_ADDRESSES = 20_000

type Bucket = { tokens: number; filledAtMs: number }

/**
 * At most so many requests a minute from one address, a tenth of them at once.
 * @param perMinute 0 for no limit
 */
export function limitRate(perMinute: number, now: () => number = Date.now): RequestHandler {
  if (perMinute === 0) return (_, __, next) => next()
  const capacity = Math.max(1, perMinute / 10)
  const buckets = new Map<string, Bucket>()
  return (request, response, next) => {
    const address = request.ip ?? ''
    const bucket = buckets.get(address) ?? { tokens: capacity, filledAtMs: now() }
    const passedMs = now() - bucket.filledAtMs
    bucket.tokens = Math.min(capacity, bucket.tokens + (passedMs / 60_000) * perMinute)
    bucket.filledAtMs = now()
    // Set anew, so that the map's order is that of the last request.
    buckets.delete(address)
    buckets.set(address, bucket)
    if (buckets.size > MAX_ADDRESSES) buckets.delete(buckets.keys().next().value!)
    if (bucket.tokens < 1) {
      const seconds = Math.ceil(((1 - bucket.tokens) / perMinute) * 60)
      response.setHeader('Retry-After', String(seconds))
      return next(
        new OpenLedgerError('http.too_many_requests', 'Too many requests came from this address.', {
          facts: { perMinute, waitSeconds: seconds },
          nextStep: 'Wait as long as Retry-After says; ask for more with one query instead of many.',
          retryable: true,
        }),
      )
    }
    bucket.tokens -= 1
    next()
  }
}
