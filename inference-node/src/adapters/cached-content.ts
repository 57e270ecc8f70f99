import { type ContentStore, DiskContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'

/** Reads content from another store once, and from this disk from then on. Both check the hash. */
export class CachedContent {
  readonly #disk: DiskContentStore
  readonly #source: Pick<ContentStore, 'get'>

  constructor(directory: string, source: Pick<ContentStore, 'get'>) {
    this.#disk = new DiskContentStore(directory)
    this.#source = source
  }

  async get(cid: string): Promise<Uint8Array> {
    try {
      return await this.#disk.get(cid)
    } catch (error) {
      // What the disk damaged is fetched again, and mended by that.
      const isGone = error instanceof OpenLedgerError && /^content\.(missing|corrupt)$/.test(error.code)
      if (!isGone) throw error
    }
    const bytes = await this.#source.get(cid)
    await this.#disk.put(bytes, cid)
    return bytes
  }
}
