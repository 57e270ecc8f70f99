import { OpenLedgerError } from '@openledger/protocol'
import type { IndexHead } from './entity-source.ts'
import { postJson } from './post-json.ts'

/** Hash of the chain's block at this height now; null when the chain is shorter. @throws lineage.source_unreachable */
export async function hashOnChain(rpcUrl: string, number: number, timeoutMs?: number): Promise<string | null> {
  const block = (await postJson(
    rpcUrl,
    { jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: [`0x${number.toString(16)}`, false] },
    timeoutMs,
  )) as { hash: string } | null
  return block === null ? null : block.hash.toLowerCase()
}

/** @throws lineage.on_another_fork unless the chain has the block that the index stands on */
export async function requireOnChain<Head extends Pick<IndexHead, 'number' | 'hash'>>(
  head: Head,
  hashOf: (number: number) => Promise<string | null>,
): Promise<Head> {
  const onChain = await hashOf(head.number)
  if (onChain === head.hash) return head
  throw new OpenLedgerError('lineage.on_another_fork', 'The subgraph stands on a block that the chain has left.', {
    facts: { block: head.number, subgraphHash: head.hash, chainHash: onChain },
    nextStep: 'Wait for the subgraph to follow: it notices a reorganisation with the next new block.',
    retryable: true,
  })
}
