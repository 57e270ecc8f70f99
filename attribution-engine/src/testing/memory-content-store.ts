import type { ContentStore } from '@openledger/content-store'
import { canonicalJson, cidOf, OpenLedgerError } from '@openledger/protocol'

/** For tests: content in memory, some of which can be lost. */
export class MemoryContentStore implements ContentStore {
  readonly #blobs = new Map<string, Uint8Array>()

  async put(bytes: Uint8Array): Promise<string> {
    const cid = cidOf(bytes)
    this.#blobs.set(cid, bytes)
    return cid
  }

  async get(cid: string): Promise<Uint8Array> {
    const bytes = this.#blobs.get(cid)
    if (bytes !== undefined) return bytes
    throw new OpenLedgerError('content.missing', 'Not here.', { facts: { cid }, nextStep: 'Put it.', retryable: true })
  }

  async has(cid: string): Promise<boolean> {
    return this.#blobs.has(cid)
  }

  putJson(value: unknown): Promise<string> {
    return this.put(canonicalJson(value))
  }

  async json<T>(cid: string): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.get(cid))) as T
  }

  /** Runs `work` while this content cannot be had. */
  async without<T>(cid: string, work: () => Promise<T>): Promise<T> {
    const bytes = await this.get(cid)
    this.#blobs.delete(cid)
    try {
      return await work()
    } finally {
      this.#blobs.set(cid, bytes)
    }
  }
}
