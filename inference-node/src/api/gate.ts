/**
 * Keeps one address from taking what is meant for all: connections, and requests a second. Who is refused is told so at
 * once and let go; nothing of the request is read first.
 */
import type { Server } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import type { RequestHandler } from 'express'
import { RequestError } from '../error.ts'

/** A connection beyond the limit is kept this long for its request, to answer it. */
const REFUSED_MS = 1000
/** An address may save up so many seconds of requests. */
const BURST_S = 2
/** Addresses that are remembered; beyond, those whose allowance is full again are forgotten. */
const MAX_ADDRESSES = 10_000

export class Gate {
  readonly #options: Gate.Options
  readonly #connections = new Map<string, number>()
  readonly #allowances = new Map<string, { requests: number; atMs: number }>()
  readonly #refused = new WeakSet<Socket>()
  #total = 0

  constructor(options: Gate.Options) {
    this.#options = options
  }

  get connections(): number {
    return this.#total
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.#enter(socket))
  }

  /** Comes before all else: what it refuses costs nothing more. */
  readonly handler: RequestHandler = (request, response, next) => {
    if (this.#refused.has(request.socket)) {
      response.set('Connection', 'close')
      throw refusal('There are too many connections from this address.', 1)
    }
    const waitS = this.#take(placeOf(request.socket))
    if (waitS > 0) throw refusal('Too many requests come from this address.', Math.ceil(waitS))
    next()
  }

  #enter(socket: Socket): void {
    const { maxConnections, maxPerAddress, onRefused } = this.#options
    const place = placeOf(socket)
    const own = (this.#connections.get(place) ?? 0) + 1
    this.#connections.set(place, own)
    this.#total++
    socket.once('close', () => this.#leave(place))
    if (own <= maxPerAddress && this.#total <= maxConnections) return
    this.#refused.add(socket)
    onRefused()
    // Without a request there is nothing to answer.
    const timer = setTimeout(() => socket.destroy(), REFUSED_MS)
    socket.once('close', () => clearTimeout(timer))
  }

  #leave(place: string): void {
    this.#total--
    const rest = this.#connections.get(place)! - 1
    if (rest > 0) this.#connections.set(place, rest)
    else this.#connections.delete(place)
  }

  /** @returns 0, or the seconds after which there is an allowance for one more request */
  #take(place: string): number {
    const { requestsPerSecond: rate } = this.#options
    if (rate === 0) return 0
    const nowMs = performance.now()
    const full = rate * BURST_S
    const known = this.#allowances.get(place) ?? { requests: full, atMs: nowMs }
    const requests = Math.min(full, known.requests + ((nowMs - known.atMs) / 1000) * rate)
    this.#allowances.set(place, { requests: requests >= 1 ? requests - 1 : requests, atMs: nowMs })
    if (this.#allowances.size > MAX_ADDRESSES) this.#forget(nowMs)
    return requests >= 1 ? 0 : (1 - requests) / rate
  }

  #forget(nowMs: number): void {
    for (const [place, { atMs }] of this.#allowances) if (nowMs - atMs > BURST_S * 1000) this.#allowances.delete(place)
  }
}

export declare namespace Gate {
  type Options = {
    maxConnections: number
    maxPerAddress: number
    /** Of one address; 0 for any number. */
    requestsPerSecond: number
    onRefused(): void
  }
}

/** An address, or the network of an IPv6 one: whoever has one of those has all of them. */
function placeOf({ remoteAddress = '' }: Socket): string {
  if (!isIPv6(remoteAddress) || remoteAddress.startsWith('::ffff:')) return remoteAddress
  return remoteAddress.split(':').slice(0, 4).join(':')
}

function refusal(message: string, retryAfterS: number): RequestError {
  return new RequestError('address.busy', message, {
    status: 429,
    nextStep: 'Use fewer connections, keep them open, and ask more slowly.',
    retryable: true,
    retryAfterS,
  })
}
