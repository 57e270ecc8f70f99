import { openAsBlob } from 'node:fs'
import { canonicalJson, digestOfCid, OpenLedgerError } from '@openledger/protocol'
import { type FileContentStore, hashContent, hashFile, mismatch, missing } from './content-store.ts'

/** A store that takes less than this is given up: 5 MB a second. */
const SLOWEST_BYTES_PER_MS = 5_000

/** The content store of another process, or any IPFS gateway that takes PUT. What it sends is hashed before it is believed. */
export class HttpContentStore implements FileContentStore {
  readonly url: string
  readonly #timeoutMs: number

  /** @param url of the service, for example http://127.0.0.1:5001 */
  constructor(url: string, options: HttpContentStore.Options = {}) {
    this.url = url.replace(/\/+$/, '')
    this.#timeoutMs = options.timeoutMs ?? 60_000
  }

  async put(bytes: Uint8Array, expectedCid?: string): Promise<string> {
    if (expectedCid !== undefined) digestOfCid(expectedCid)
    const cid = hashContent(bytes)
    if (expectedCid !== undefined && expectedCid !== cid) throw mismatch(expectedCid, cid)
    const response = await this.#ask('PUT', cid, new Blob([bytes as Uint8Array<ArrayBuffer>]))
    if (!response.ok) throw await refusal(response, cid)
    await response.body?.cancel()
    return cid
  }

  async putFile(path: string): Promise<string> {
    const { cid, sizeBytes } = await hashFile(path)
    const timeoutMs = Math.max(this.#timeoutMs, sizeBytes / SLOWEST_BYTES_PER_MS)
    const response = await this.#ask('PUT', cid, await openAsBlob(path), timeoutMs)
    if (!response.ok) throw await refusal(response, cid)
    await response.body?.cancel()
    return cid
  }

  async get(cid: string): Promise<Uint8Array> {
    const response = await this.#ask('GET', cid)
    if (!response.ok) throw await refusal(response, cid)
    const bytes = await this.#body(response)
    const actual = hashContent(bytes)
    if (actual !== cid) throw mismatch(cid, actual)
    return bytes
  }

  async has(cid: string): Promise<boolean> {
    const response = await this.#ask('HEAD', cid)
    if (response.status === 404) return false
    if (!response.ok) throw await refusal(response, cid)
    return true
  }

  async putJson(value: unknown): Promise<string> {
    return this.put(canonicalJson(value))
  }

  async #ask(method: 'GET' | 'HEAD' | 'PUT', cid: string, body?: Blob, timeoutMs = this.#timeoutMs): Promise<Response> {
    digestOfCid(cid)
    try {
      return await fetch(`${this.url}/ipfs/${cid}`, {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body }),
      })
    } catch (cause) {
      throw this.#unreachable(cause)
    }
  }

  async #body(response: Response): Promise<Uint8Array> {
    try {
      return new Uint8Array(await response.arrayBuffer())
    } catch (cause) {
      throw this.#unreachable(cause)
    }
  }

  #unreachable(cause: unknown): OpenLedgerError {
    return new OpenLedgerError('content.unreachable', 'The content store does not answer.', {
      facts: { url: this.url, reason: cause instanceof Error ? cause.message : String(cause) },
      nextStep: 'Check that the content store runs (`npm start` starts it), then try again.',
      retryable: true,
      cause,
    })
  }
}

export declare namespace HttpContentStore {
  type Options = {
    /** A call is given up after this time. */
    timeoutMs?: number
  }
}

/** Our service explains itself in JSON; another gateway may only give a status. */
async function refusal(response: Response, cid: string): Promise<OpenLedgerError> {
  const report = (await response.json().catch(() => undefined)) as Partial<OpenLedgerError.Report> | undefined
  if (typeof report?.code === 'string' && typeof report.message === 'string') {
    return new OpenLedgerError(report.code, report.message, {
      facts: report.facts ?? {},
      nextStep: report.nextStep ?? 'Read the log of the content store.',
      retryable: report.retryable ?? false,
    })
  }
  if (response.status === 404) return missing(cid)
  return new OpenLedgerError('content.refused', 'The content store refused.', {
    facts: { cid, status: response.status },
    nextStep: 'Read the log of the content store.',
    retryable: response.status >= 500,
  })
}
