import { OpenTokenAbi } from '@openledger/protocol/abi'
import { Interface, toQuantity } from 'ethers'
import type { Chain } from './chain.ts'
import { FOUNDER } from './make-chain.ts'
import type { Ours } from './ours.ts'
import { ask, queryGraph, until } from './until.ts'

const BLOCKS = 64
/** The first blocks come while graph-node still goes from catching up to following. */
const WARM_UP = 4
const POLL_MS = 20
const TIMEOUT_MS = 150_000

/**
 * A block a second, each with one transfer: how long from a block's announcement to its transfer in the subgraph's answers.
 * @returns milliseconds of each block, ascending
 */
export async function measureLatency(ours: Ours, chain: Chain): Promise<number[]> {
  const announced = new Map<number, number>()
  const shown = new Map<number, number>()
  const heads = await follow(chain, (block) => announced.set(block, performance.now()))
  try {
    await ask(chain.url, 'evm_setIntervalMining', [1])
    let newest = chain.head
    await until(
      `${BLOCKS} blocks are indexed at the head`,
      TIMEOUT_MS,
      async () => {
        const block = await newestTransfer(ours.url)
        for (let n = newest + 1; n <= block; n++) shown.set(n, performance.now())
        newest = Math.max(newest, block)
        return shown.size >= BLOCKS + WARM_UP || undefined
      },
      POLL_MS,
    )
  } finally {
    heads.close()
    await ask(chain.url, 'evm_setIntervalMining', [0]).catch(() => undefined)
  }
  return [...shown]
    .slice(WARM_UP)
    .flatMap(([block, atMs]) => (announced.has(block) ? [atMs - announced.get(block)!] : []))
    .sort((a, b) => a - b)
}

/** Tells every block when the chain announces it, and sends a transfer for the next. */
async function follow(chain: Chain, onBlock: (block: number) => void): Promise<{ close(): void }> {
  const token = chain.deployment.contracts.OpenToken.address
  const data = new Interface(OpenTokenAbi).encodeFunctionData('transfer', [`0x${'11'.repeat(20)}`, 1])
  const transaction = { from: FOUNDER, to: token, data, gas: toQuantity(200_000), gasPrice: toQuantity(10n ** 12n) }
  const send = () => ask(chain.url, 'eth_sendTransaction', [transaction])
  await send()
  const socket = new WebSocket(chain.url.replace('http', 'ws'))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', () => reject(new Error('The chain takes no WebSocket.')))
  })
  socket.addEventListener('message', ({ data }) => {
    const { params } = JSON.parse(String(data)) as { params?: { result: { number: string } } }
    if (params === undefined) return
    onBlock(Number(params.result.number))
    void send().catch(() => undefined) // a block without a transfer is left out
  })
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }))
  return socket
}

async function newestTransfer(url: string): Promise<number> {
  type Newest = { tokenTransfers: { blockNumber: string }[] }
  const { tokenTransfers } = await queryGraph<Newest>(
    url,
    '{ tokenTransfers(first: 1, orderBy: blockNumber, orderDirection: desc) { blockNumber } }',
  )
  return Number(tokenTransfers[0]?.blockNumber ?? 0)
}
