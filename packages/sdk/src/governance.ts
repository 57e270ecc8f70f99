/** Proposals and votes. Voting power is OPEN that is locked as gOPEN and delegated. */
import { OpenLedgerError } from '@openledger/protocol'
import type { EventLog, Provider } from 'ethers'
import { type Call, callOf } from './calls.ts'
import { contractOf } from './contracts.ts'
import type { Network } from './network.ts'

const STATES = ['Pending', 'Active', 'Cancelled', 'Defeated', 'Succeeded', 'Queued', 'Expired', 'Executed'] as const
const SUPPORT = { against: 0, for: 1, abstain: 2 } as const

export type Vote = keyof typeof SUPPORT

export type Proposal = {
  id: string
  state: (typeof STATES)[number]
  proposer: string
  description: string
  actions: { target: string; valueWei: bigint; calldata: string }[]
  /** Unix seconds. */
  voteStart: number
  voteEnd: number
  /** In wei of gOPEN. */
  votes: { againstWei: bigint; forWei: bigint; abstainWei: bigint }
}

/** Locks OPEN as gOPEN for `voter` and lets it vote for itself: the chain counts only what is delegated. */
export function lockVotesCalls(network: Network, voter: string, amountWei: bigint): Call[] {
  return [
    callOf(network, 'OpenToken', 'approve', network.contracts.GovernanceOpen.address, amountWei),
    callOf(network, 'GovernanceOpen', 'depositFor', voter, amountWei),
    callOf(network, 'GovernanceOpen', 'delegate', voter),
  ]
}

export function proposeCall(
  network: Network,
  actions: readonly { target: string; valueWei: bigint; calldata: string }[],
  description: string,
): Call {
  const [targets, values, calldatas] = [
    actions.map(({ target }) => target),
    actions.map(({ valueWei }) => valueWei),
    actions.map(({ calldata }) => calldata),
  ]
  return callOf(network, 'OpenGovernor', 'propose', targets, values, calldatas, description)
}

export function voteCall(network: Network, proposalId: string, vote: Vote, reason = ''): Call {
  const support = SUPPORT[vote]
  return reason === ''
    ? callOf(network, 'OpenGovernor', 'castVote', proposalId, support)
    : callOf(network, 'OpenGovernor', 'castVoteWithReason', proposalId, support, reason)
}

/** All proposals, newest first, as the chain has them. */
export async function listProposals(network: Network, provider: Provider): Promise<Proposal[]> {
  const governor = contractOf(network, 'OpenGovernor', provider)
  const created = (await governor.queryFilter('ProposalCreated', network.startBlock)) as EventLog[]
  return Promise.all(
    created.reverse().map(async ({ args }): Promise<Proposal> => {
      // By place, for `values` of the event is a method of the list that holds it.
      const [id, proposer, targets, values, , calldatas, voteStart, voteEnd, description] = args
      const [state, [againstWei, forWei, abstainWei]] = await Promise.all([
        governor.getFunction('state')(id),
        governor.getFunction('proposalVotes')(id),
      ])
      return {
        id: String(id),
        state: STATES[Number(state)]!,
        proposer: String(proposer).toLowerCase(),
        description,
        actions: (targets as string[]).map((target, i) => ({
          target,
          valueWei: values[i],
          calldata: calldatas[i],
        })),
        voteStart: Number(voteStart),
        voteEnd: Number(voteEnd),
        votes: { againstWei, forWei, abstainWei },
      }
    }),
  )
}

/** @throws proposal.unknown */
export async function readProposal(network: Network, provider: Provider, id: string): Promise<Proposal> {
  const found = (await listProposals(network, provider)).find((proposal) => proposal.id === id)
  if (found !== undefined) return found
  throw new OpenLedgerError('proposal.unknown', 'There is no such proposal.', {
    facts: { proposal: id.slice(0, 80) },
    nextStep: 'Run `openledger gov list` for those that there are.',
  })
}
