import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hashContent } from '@openledger/content-store'

/** How a piece of content is served. */
export type Manner =
  | 'whole'
  /** Half of it at once, the rest when it is released. */
  | 'slow'
  /** Not found until it is released. */
  | 'late'
  /** Never found. */
  | 'missing'
  /** The request is never answered. */
  | 'hanging'
  /** The connection breaks off in the middle, each time. */
  | 'cut'
  /** Ends in the middle as if that were all, until it is released. */
  | 'failing'

/** A content store of strangers: as much of the IPFS RPC as graph-node uses, and every way to be of no use. */
export class HostileContent {
  readonly url: string
  readonly #server: ReturnType<typeof createServer>
  readonly #items = new Map<string, { bytes: Uint8Array; manner: Manner }>()
  readonly #waiting = new Set<() => void>()
  #released = false

  static async start(port: number): Promise<HostileContent> {
    const server = createServer()
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
    return new HostileContent(server)
  }

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', this.url)
      if (url.pathname === '/api/v0/version') response.end(JSON.stringify({ Version: '0.0.0', System: 'hostile' }))
      else this.#serve((url.searchParams.get('arg') ?? '').replace(/^\/ipfs\//, ''), response)
    })
  }

  /** @returns the CID */
  put(bytes: Uint8Array, manner: Manner): string {
    const cid = hashContent(bytes)
    this.#items.set(cid, { bytes, manner })
    return cid
  }

  /** From now on what was slow or late is there. */
  release(): void {
    this.#released = true
    for (const go of this.#waiting) go()
    this.#waiting.clear()
  }

  async close(): Promise<void> {
    this.release()
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  #serve(cid: string, response: ServerResponse): void {
    const item = this.#items.get(cid)
    const manner = this.#released && (item?.manner === 'late' || item?.manner === 'failing') ? 'whole' : item?.manner
    const bytes = item?.bytes ?? new Uint8Array()
    const half = bytes.subarray(0, bytes.length >> 1)
    switch (manner) {
      case 'whole':
        response.end(bytes)
        return
      case 'slow':
        response.write(half)
        if (this.#released) response.end(bytes.subarray(half.length))
        else this.#waiting.add(() => response.end(bytes.subarray(half.length)))
        return
      case 'hanging':
        return
      case 'cut':
        response.writeHead(200, { 'content-length': bytes.length })
        response.write(half, () => response.destroy())
        return
      case 'failing':
        response.writeHead(502).end('<html>Bad gateway</html>')
        return
      default:
        // As Kubo says it.
        response.writeHead(500, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ Message: `block was not found: ${cid}`, Code: 0, Type: 'error' }))
    }
  }
}
