import { listProposals } from '@openledger/sdk'
import { Command } from 'commander'
import { plain, printJson, printTable } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger gov list` */
export function listCommand(): Command {
  const command = new Command('list')
    .description('list proposals, newest first, as the chain has them')
    .action((flags: SessionFlags) =>
      reading(flags, async ({ network, provider }) => {
        const proposals = await listProposals(network, provider)
        if (flags.json) return printJson({ proposals })
        const rows = proposals.map(({ id, state, description, voteEnd }) => ({
          state,
          'vote ends': new Date(voteEnd * 1000).toISOString().slice(0, 16),
          description: plain(description).slice(0, 50),
          id,
        }))
        printTable(rows, 'There is no proposal yet.')
      }),
    )
  return readsNetwork(command)
}
