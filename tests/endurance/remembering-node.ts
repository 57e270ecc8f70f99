import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type JsonRpcProvider, toQuantity } from 'ethers'

/**
 * Stands before anvil and answers for blocks that vanished when they are asked for by hash, as real nodes do: they keep side
 * chains for a while. anvil forgets them at once, and graph-node, which must load a block to learn its parent, would ask for
 * ever.
 */
export class RememberingNode {
  readonly url: string
  readonly #vanished = new Map<string, unknown>()
  readonly #provider: JsonRpcProvider
  readonly #close: () => void

  private constructor(url: string, provider: JsonRpcProvider, close: () => void) {
    this.url = url
    this.#provider = provider
    this.#close = close
  }

  static async start(chainUrl: string, provider: JsonRpcProvider): Promise<RememberingNode> {
    const server = createServer(async (request, response) => {
      try {
        const body = await text(request)
        const answer = await fetch(chainUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(node.#completed(JSON.parse(body), await answer.json())))
      } catch {
        response.destroy()
      }
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const close = () => {
      server.close()
      server.closeAllConnections()
    }
    const node = new RememberingNode(`http://127.0.0.1:${port}`, provider, close)
    return node
  }

  /** Replaces the newest blocks by as many empty ones. */
  async reorganise(depth: number): Promise<void> {
    const newest = await this.#provider.getBlockNumber()
    const numbers = Array.from({ length: depth + 2 }, (_, i) => newest - depth + i)
    for (const number of numbers) {
      const block = await this.#provider.send('eth_getBlockByNumber', [toQuantity(number), true])
      if (block !== null) this.#vanished.set(block.hash, block)
    }
    await this.#provider.send('anvil_reorg', [depth, []])
  }

  async stop(): Promise<void> {
    this.#close()
  }

  #completed(asked: Call | Call[], answered: Answer | Answer[]): Answer | Answer[] {
    if (Array.isArray(asked)) {
      const byId = new Map(asked.map((call) => [call.id, call]))
      return (answered as Answer[]).map((answer) => this.#one(byId.get(answer.id), answer))
    }
    return this.#one(asked, answered as Answer)
  }

  #one(call: Call | undefined, answer: Answer): Answer {
    if (call?.method !== 'eth_getBlockByHash' || answer.result !== null) return answer
    return { ...answer, result: this.#vanished.get(String(call.params[0])) ?? null }
  }
}

type Call = { id: unknown; method: string; params: unknown[] }
type Answer = { id: unknown; result?: unknown }
