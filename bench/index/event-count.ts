import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContractName } from '@openledger/protocol'
import { id } from 'ethers'
import { parse } from 'yaml'
import type { Chain } from './chain.ts'
import { ask } from './until.ts'

type Manifest = { dataSources: { name: ContractName; mapping: { eventHandlers: { event: string }[] } }[] }
type Log = { address: string; topics: string[] }

const BLOCKS_A_REQUEST = 50

/** How many events of the chain have a handler in our subgraph: approvals, for one, have none. */
export async function countEvents({ url, deployment, head }: Chain): Promise<number> {
  const file = join(import.meta.dirname, '../../subgraph/subgraph.yaml')
  const { dataSources } = parse(readFileSync(file, 'utf8')) as Manifest
  const handled = new Set(
    dataSources.flatMap(({ name, mapping }) => {
      const { address } = deployment.contracts[name]
      return mapping.eventHandlers.map(({ event }) => address + id(event.replaceAll('indexed ', '')))
    }),
  )
  let count = 0
  for (let from = 0; from <= head; from += BLOCKS_A_REQUEST) {
    const [fromBlock, toBlock] = [from, Math.min(head, from + BLOCKS_A_REQUEST - 1)].map(
      (block) => `0x${block.toString(16)}`,
    )
    const logs = await ask<Log[]>(url, 'eth_getLogs', [{ fromBlock, toBlock }])
    count += logs.filter(({ address, topics }) => handled.has(address + topics[0])).length
  }
  return count
}
