import { type Vote, voteCall } from '@openledger/sdk'
import { Argument, Command } from 'commander'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger gov vote <proposal> for|against|abstain` */
export function voteCommand(): Command {
  const command = new Command('vote')
    .description('vote on a proposal with what the account had locked when the vote began')
    .argument('<proposal>', 'number of the proposal')
    .addArgument(new Argument('<vote>').choices(['for', 'against', 'abstain']))
    .option('--reason <text>', 'why, for all to read')
    .action((proposal: string, vote: Vote, flags: SendingFlags & { reason?: string }) =>
      signing(flags, async (openledger) => {
        await transact(openledger, flags, [voteCall(openledger.network, proposal, vote, flags.reason)], {
          proposal,
          vote,
        })
      }),
    )
  return sends(command)
}
