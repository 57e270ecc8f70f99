import type { ChainEvent } from './read-events.ts'

/** A root as it was proposed. */
export type Proposal = {
  epoch: number
  root: `0x${string}`
  proposer: string
  dataDigest: `0x${string}`
  engineHash: `0x${string}`
  totalWei: bigint
  toBlock: number
  blockHash: `0x${string}`
  /** The epoch before it that was not rejected; 0 for none. */
  parent: number
}

/** All roots that were ever proposed, by the number of their epoch. */
export function readProposals(events: readonly ChainEvent[]): Map<number, Proposal> {
  const proposals = events
    .filter(({ name }) => name === 'RootProposed')
    .map(
      ({ values }): Proposal => ({
        epoch: Number(values.epoch),
        root: values.root as `0x${string}`,
        proposer: String(values.proposer),
        dataDigest: values.dataDigest as `0x${string}`,
        engineHash: values.engineHash as `0x${string}`,
        totalWei: values.totalWei as bigint,
        toBlock: Number(values.toBlock),
        blockHash: values.blockHash as `0x${string}`,
        parent: Number(values.parent),
      }),
    )
  return new Map(proposals.map((proposal) => [proposal.epoch, proposal]))
}
