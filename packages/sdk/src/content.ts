import { canonicalJson, cidOf, OpenLedgerError } from '@openledger/protocol'
import { unreachable } from './fetch-json.ts'
import type { Network } from './network.ts'

const TIMEOUT_MS = 60_000

/**
 * The content of this CID, checked against it: whoever serves it is not trusted.
 * @throws content.missing; content.hash_mismatch; network.unreachable
 */
export async function readContent({ urls }: Network, cid: string): Promise<Uint8Array> {
  const url = `${urls.content ?? urls.api}/ipfs/${cid}`
  const { bytes, status } = await request(url)
  if (status !== 200) {
    throw new OpenLedgerError('content.missing', 'Nobody here has this content.', {
      facts: { cid, status },
      nextStep: 'Ask another store or gateway for it.',
      retryable: status >= 500,
    })
  }
  if (cidOf(bytes) !== cid) {
    throw new OpenLedgerError('content.hash_mismatch', 'The content is not what its CID names.', {
      facts: { cid, url },
      nextStep: 'Ask another store or gateway for it.',
    })
  }
  return bytes
}

/**
 * Stores content and names it.
 * @throws content.no_store when the network names no store that takes content; content.refused
 */
export async function storeContent({ urls }: Network, bytes: Uint8Array): Promise<string> {
  if (urls.content === undefined) {
    throw new OpenLedgerError('content.no_store', 'No content store is known that takes content.', {
      nextStep: 'Name one: `urls.content` in code, OPENLEDGER_CONTENT_URL for the command line.',
    })
  }
  const cid = cidOf(bytes)
  const { status } = await request(`${urls.content}/ipfs/${cid}`, {
    method: 'PUT',
    body: bytes as Uint8Array<ArrayBuffer>,
  })
  if (status >= 200 && status < 300) return cid
  throw new OpenLedgerError('content.refused', 'The content store refused.', {
    facts: { cid, status },
    nextStep: 'Read the log of the content store.',
    retryable: status >= 500,
  })
}

/** The same for JSON, in its one form. */
export function storeJson(network: Network, value: object): Promise<string> {
  return storeContent(network, canonicalJson(value))
}

async function request(url: string, init: RequestInit = {}): Promise<{ bytes: Uint8Array; status: number }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
  } catch (cause) {
    throw unreachable(url, cause)
  }
}
