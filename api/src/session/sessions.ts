import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { OpenLedgerError } from '@openledger/protocol'
import { getAddress, verifyMessage } from 'ethers'

const NONCE_MS = 10 * 60_000
const SESSION_MS = 24 * 3_600_000
/** Nonces are used up to so many at a time; more sign-ins than this in ten minutes are refused. */
const MAX_USED = 50_000

/**
 * Sign-in with Ethereum (EIP-4361). Nothing is kept for who has not signed in: a nonce and a session are times under this
 * process's own seal. So no caller can fill the memory, and a restart ends all sessions.
 */
export class Sessions {
  readonly #secret: Buffer
  readonly #chainId: number
  readonly #now: () => number
  readonly #used = new Map<string, number>()

  constructor(chainId: number, secret: Buffer = randomBytes(32), now: () => number = Date.now) {
    this.#chainId = chainId
    this.#secret = secret
    this.#now = now
  }

  /** The message for an account to sign, for the site at `origin`. @throws session.malformed_address */
  message(account: string, origin: URL): string {
    const issuedAtMs = this.#now()
    return [
      `${origin.host} wants you to sign in with your Ethereum account:`,
      checksummed(account),
      '',
      'Sign in to OpenLedger. This sends no transaction and costs nothing.',
      '',
      `URI: ${origin.origin}`,
      'Version: 1',
      `Chain ID: ${this.#chainId}`,
      `Nonce: ${this.#nonce(issuedAtMs)}`,
      `Issued At: ${new Date(issuedAtMs).toISOString()}`,
      `Expiration Time: ${new Date(issuedAtMs + NONCE_MS).toISOString()}`,
    ].join('\n')
  }

  /**
   * Opens a session for who signed a message for this site.
   * @throws session.refused
   */
  open(message: string, signature: string, origin: URL): Session {
    const [, host, address] =
      /^(\S+) wants you to sign in with your Ethereum account:\n(0x[0-9a-fA-F]{40})\n/.exec(message) ?? []
    const field = (name: string) => new RegExp(`^${name}: (.{1,200})$`, 'm').exec(message)?.[1] ?? ''
    if (host !== origin.host || address === undefined) throw refused('it is not for this site')
    if (field('URI') !== origin.origin || field('Version') !== '1') throw refused('it is not for this site')
    if (field('Chain ID') !== String(this.#chainId)) throw refused('it is for another chain')
    if (!(Date.parse(field('Expiration Time')) > this.#now())) throw refused('it has expired')
    if (recover(message, signature) !== address.toLowerCase()) throw refused('the signature is not of that account')
    // Last, so that only who holds the key can use a nonce up.
    this.#use(field('Nonce'))
    const account = address.toLowerCase()
    const expiresAtMs = this.#now() + SESSION_MS
    const body = `${account}.${expiresAtMs}`
    return { token: `${body}.${this.#seal('session', body)}`, account, expiresAtMs }
  }

  /** The account of a session's token; null when it is none, or over. */
  account(token: string | undefined): string | null {
    const [, account, expiresAtMs, seal] = /^(0x[0-9a-f]{40})\.([0-9]{13,15})\.([0-9a-f]{64})$/.exec(token ?? '') ?? []
    if (account === undefined || Number(expiresAtMs) <= this.#now()) return null
    return isEqual(seal!, this.#seal('session', `${account}.${expiresAtMs}`)) ? account : null
  }

  /** Letters and digits only, as EIP-4361 asks: time, chance, seal. */
  #nonce(nowMs: number): string {
    const body = nowMs.toString(16).padStart(12, '0') + randomBytes(8).toString('hex')
    return body + this.#seal('nonce', body)
  }

  #use(nonce: string): void {
    const nowMs = this.#now()
    const body = nonce.slice(0, 28)
    const issuedAtMs = Number.parseInt(nonce.slice(0, 12), 16)
    if (!/^[0-9a-f]{92}$/.test(nonce) || !isEqual(nonce.slice(28), this.#seal('nonce', body)))
      throw refused('its nonce is not of this api')
    if (nowMs - issuedAtMs > NONCE_MS) throw refused('it has expired')
    for (const [used, usedAtMs] of this.#used) {
      if (nowMs - usedAtMs <= NONCE_MS) break
      this.#used.delete(used)
    }
    if (this.#used.has(body) || this.#used.size >= MAX_USED) throw refused('its nonce was used')
    this.#used.set(body, nowMs)
  }

  #seal(purpose: 'nonce' | 'session', text: string): string {
    return createHmac('sha256', this.#secret).update(`${purpose}:${text}`).digest('hex')
  }
}

export type Session = { token: string; account: string; expiresAtMs: number }

function recover(message: string, signature: string): string | null {
  try {
    return verifyMessage(message, signature).toLowerCase()
  } catch {
    return null
  }
}

function isEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

function checksummed(account: string): string {
  try {
    return getAddress(account)
  } catch (cause) {
    throw new OpenLedgerError('session.malformed_address', 'This is no address.', {
      facts: { account: account.slice(0, 60) },
      nextStep: 'Give ?account=0x and 40 hex digits.',
      cause,
    })
  }
}

function refused(reason: string): OpenLedgerError {
  return new OpenLedgerError('session.refused', 'This signature opens no session.', {
    facts: { reason },
    nextStep: 'Ask for a new message with GET /session/message, sign that, and send both.',
  })
}
