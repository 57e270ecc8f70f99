import type { Deployment } from '@openledger/protocol'
import { InferenceEscrowAbi, LineageRegistryAbi, RootCourtAbi } from '@openledger/protocol/abi'
import { Interface, type Provider, type Result } from 'ethers'

/** A parsed event with its place. Integers are bigint, addresses and hashes lower-case text. */
export type ChainEvent = {
  name: string
  values: Readonly<Record<string, unknown>>
  blockNumber: number
  logIndex: number
  transactionHash: string
}

/** Blocks asked for at once: public endpoints refuse more. */
const RANGE_BLOCKS = 10_000

/**
 * All events of lineage, payments and roots in a range of blocks, in the chain's order, straight from the chain's logs.
 * @param fromBlock, toBlock both included
 */
export async function readEvents(
  provider: Provider,
  deployment: Deployment,
  fromBlock: number,
  toBlock: number,
): Promise<ChainEvent[]> {
  const interfaces = new Map(
    [
      { address: deployment.contracts.LineageRegistry!.address, abi: LineageRegistryAbi },
      { address: deployment.contracts.InferenceEscrow!.address, abi: InferenceEscrowAbi },
      { address: deployment.contracts.RootCourt!.address, abi: RootCourtAbi },
    ].map(({ address, abi }) => [address, new Interface(abi)]),
  )
  const events: ChainEvent[] = []
  for (let start = fromBlock; start <= toBlock; start += RANGE_BLOCKS) {
    const end = Math.min(start + RANGE_BLOCKS - 1, toBlock)
    const logs = await provider.getLogs({ address: [...interfaces.keys()], fromBlock: start, toBlock: end })
    for (const log of logs) {
      const parsed = interfaces.get(log.address.toLowerCase() as `0x${string}`)?.parseLog(log)
      if (!parsed) continue // an event of a parent contract, such as a proxy's
      const { blockNumber, index: logIndex, transactionHash } = log
      events.push({ name: parsed.name, values: named(parsed.args), blockNumber, logIndex, transactionHash })
    }
  }
  return events.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex)
}

function named(args: Result): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args.toObject()).map(([name, value]) => [name, plain(value)]))
}

/** ethers checksums addresses; everything of ours is lower case. */
function plain(value: unknown): unknown {
  return typeof value === 'string' && /^0x[0-9a-fA-F]+$/.test(value) ? value.toLowerCase() : value
}
