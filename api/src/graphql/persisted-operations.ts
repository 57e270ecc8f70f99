import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The operations that our own pages ask, by name and by the sha2-256 of their text: a page sends the hash alone. */
export class PersistedOperations {
  readonly #texts = new Map<string, string>()
  /** Name → sha2-256 in hex, as /operations.json gives it. */
  readonly hashes: Record<string, string> = {}

  constructor(operations: ReadonlyMap<string, string>) {
    for (const [name, text] of operations) {
      const hash = createHash('sha256').update(text).digest('hex')
      this.#texts.set(hash, text)
      this.hashes[name] = hash
    }
  }

  /** @param folder with a file for each operation; none is known where there is no folder */
  static async read(folder: string): Promise<PersistedOperations> {
    const operations = new Map<string, string>()
    const names = await readdir(folder).catch(() => [])
    for (const file of names.filter((name) => name.endsWith('.graphql')).sort()) {
      operations.set(file.slice(0, -'.graphql'.length), await readFile(join(folder, file), 'utf8'))
    }
    return new PersistedOperations(operations)
  }

  text(hash: string): string | undefined {
    return this.#texts.get(hash)
  }

  has(text: string): boolean {
    return this.#texts.has(createHash('sha256').update(text).digest('hex'))
  }
}
