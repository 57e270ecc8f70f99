import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalJson, cidOfDigest, digestOfCid, OpenLedgerError } from '@openledger/protocol'
import { DEFAULT_MAX_BYTES, type FileContentStore, hashContent, mismatch, missing, tooLarge } from './content-store.ts'

/** Files that a crash left half-written are removed when they are older than this; younger ones may be in use. */
const STALE_AFTER_MS = 60 * 60 * 1000

/**
 * Content as files `<directory>/<two characters of the CID>/<CID>`.
 *
 * A file appears under its name only when all of it is on the disk: written beside, synced, renamed, directory synced.
 * Several processes may share a directory: writing the same content twice gives the same file.
 */
export class DiskContentStore implements FileContentStore {
  readonly directory: string
  readonly #maxBytes: number
  readonly #incoming: string

  constructor(directory: string, options: DiskContentStore.Options = {}) {
    this.directory = directory
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES
    this.#incoming = join(directory, '.incoming')
  }

  async put(bytes: Uint8Array, expectedCid?: string): Promise<string> {
    if (expectedCid !== undefined) digestOfCid(expectedCid)
    if (bytes.length > this.#maxBytes) throw tooLarge(this.#maxBytes)
    const cid = hashContent(bytes)
    if (expectedCid !== undefined && expectedCid !== cid) throw mismatch(expectedCid, cid)
    const path = this.#pathOf(cid)
    // The file is read, not only looked for: what a bad disk damaged is mended by putting it again.
    if ((await readIfPresent(path, bytes.length))?.equals(bytes)) return cid
    await this.#write(path, bytes)
    return cid
  }

  putFile(path: string): Promise<string> {
    return this.putStream(createReadStream(path))
  }

  /** Keeps what a stream brings, piece by piece: it need not fit into memory. What is refused leaves nothing behind. */
  async putStream(source: AsyncIterable<Uint8Array>, expectedCid?: string): Promise<string> {
    if (expectedCid !== undefined) digestOfCid(expectedCid)
    const temporary = join(this.#incoming, randomUUID())
    try {
      await mkdir(this.#incoming, { recursive: true })
      const hash = createHash('sha256')
      const file = await open(temporary, 'wx', 0o644)
      try {
        let sizeBytes = 0
        for await (const chunk of source) {
          sizeBytes += chunk.length
          if (sizeBytes > this.#maxBytes) throw tooLarge(this.#maxBytes)
          hash.update(chunk)
          await file.writeFile(chunk)
        }
        await file.sync()
      } finally {
        await file.close()
      }
      const cid = cidOfDigest(`0x${hash.digest('hex')}`)
      if (expectedCid !== undefined && expectedCid !== cid) throw mismatch(expectedCid, cid)
      const path = this.#pathOf(cid)
      await mkdir(dirname(path), { recursive: true })
      await rename(temporary, path)
      await syncDirectory(dirname(path))
      return cid
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw cause instanceof OpenLedgerError ? cause : writeFailed(this.directory, cause)
    }
  }

  async get(cid: string): Promise<Uint8Array> {
    const bytes = await readIfPresent(this.#pathOf(cid))
    if (bytes === undefined) throw missing(cid)
    const actual = hashContent(bytes)
    if (actual !== cid) {
      throw new OpenLedgerError('content.corrupt', 'Stored content was damaged on the disk.', {
        facts: { cid, actual, file: this.#pathOf(cid) },
        nextStep: 'Put the content again: that replaces the damaged file. Then check the disk.',
      })
    }
    return bytes
  }

  async has(cid: string): Promise<boolean> {
    return stat(this.#pathOf(cid)).then(
      (file) => file.isFile(),
      () => false,
    )
  }

  async putJson(value: unknown): Promise<string> {
    return this.put(canonicalJson(value))
  }

  /** Removes what interrupted writes left behind. */
  async clean(nowMs = Date.now()): Promise<void> {
    const names = await readdir(this.#incoming).catch(() => [])
    for (const name of names) {
      const file = join(this.#incoming, name)
      const age = await stat(file).then(
        ({ mtimeMs }) => nowMs - mtimeMs,
        () => 0,
      )
      if (age > STALE_AFTER_MS) await rm(file, { force: true })
    }
  }

  /** A CID has no character that means anything in a path: `digestOfCid` lets nothing else through. */
  #pathOf(cid: string): string {
    digestOfCid(cid)
    // The last character carries fewer bits than the two before it, which spread evenly over 1,024 directories.
    return join(this.directory, cid.slice(-3, -1), cid)
  }

  async #write(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#incoming, randomUUID())
    try {
      await mkdir(this.#incoming, { recursive: true })
      await mkdir(dirname(path), { recursive: true })
      const file = await open(temporary, 'wx', 0o644)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
      await syncDirectory(dirname(path))
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw writeFailed(this.directory, cause)
    }
  }
}

export declare namespace DiskContentStore {
  type Options = {
    /** Larger content is refused. */
    maxBytes?: number
  }
}

async function readIfPresent(path: string, onlyOfLength?: number): Promise<Buffer | undefined> {
  try {
    if (onlyOfLength !== undefined && (await stat(path)).size !== onlyOfLength) return undefined
    return await readFile(path)
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return undefined
    throw new OpenLedgerError('content.read_failed', 'Stored content could not be read.', {
      facts: { file: path, reason: reason ?? String(error) },
      nextStep: 'Check that this file is readable, and the disk.',
      cause: error,
    })
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function writeFailed(directory: string, cause: unknown): OpenLedgerError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    return new OpenLedgerError('content.no_space', 'The disk is full: the content was not kept.', {
      facts: { directory },
      nextStep: 'Free some space on this disk, then try again.',
      retryable: true,
      cause,
    })
  }
  return new OpenLedgerError('content.write_failed', 'The content could not be written.', {
    facts: { directory, reason },
    nextStep: 'Check that this directory exists and is writable.',
    cause,
  })
}
