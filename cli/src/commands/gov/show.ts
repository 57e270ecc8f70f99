import { formatOpen } from '@openledger/protocol'
import { readProposal } from '@openledger/sdk'
import { Command } from 'commander'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger gov show <proposal>` */
export function showCommand(): Command {
  const command = new Command('show')
    .description('show a proposal: what it would do, and its votes')
    .argument('<proposal>', 'number of the proposal')
    .action((id: string, flags: SessionFlags) =>
      reading(flags, async ({ network, provider }) => {
        const proposal = await readProposal(network, provider, id)
        if (flags.json) return printJson(proposal)
        const { actions, description, proposer, state, voteEnd, voteStart, votes } = proposal
        const time = (unixSeconds: number) => new Date(unixSeconds * 1000).toISOString()
        printFacts({
          id,
          state,
          proposer,
          description,
          'vote begins': time(voteStart),
          'vote ends': time(voteEnd),
          for: formatOpen(votes.forWei),
          against: formatOpen(votes.againstWei),
          abstain: formatOpen(votes.abstainWei),
        })
        for (const { target, valueWei, calldata } of actions) {
          process.stdout.write(`action  ${target}, ${valueWei} wei, ${calldata}\n`)
        }
      }),
    )
  return readsNetwork(command)
}
