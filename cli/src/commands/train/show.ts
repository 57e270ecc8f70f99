import { Command } from 'commander'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { followRun, printRun } from '../../client/training-progress.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger train show <run>` */
export function showCommand(): Command {
  const command = new Command('show')
    .description('show a run of the factory: how far it is, what it measured, its model, or why it failed')
    .argument('<run>', 'id of the run')
    .option('--follow', 'tell what it does until it ends')
    .action((run: string, flags: SessionFlags & { follow?: boolean }) =>
      reading(flags, (openledger) => (flags.follow ? followRun : printRun)(openledger, run, flags.json === true)),
    )
  return readsNetwork(command)
}
