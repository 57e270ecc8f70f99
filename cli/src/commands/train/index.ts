import { Command } from 'commander'
import { cancelCommand } from './cancel.ts'
import { listCommand } from './list.ts'
import { offerCommand } from './offer.ts'
import { resumeCommand } from './resume.ts'
import { EXAMPLES, runCommand } from './run.ts'
import { showCommand } from './show.ts'

/** `openledger train <datanet>`, and what became of it. */
export function trainCommand(): Command {
  const run = runCommand()
  const command = new Command('train')
    .description('train a model on Datanets, and see what became of it; `train <datanet>` is `train run <datanet>`')
    .addCommand(run, { isDefault: true })
  for (const verb of [listCommand(), showCommand(), cancelCommand(), resumeCommand(), offerCommand()]) {
    command.addCommand(verb)
  }
  // The default verb's own help, for who asks the noun.
  command.addHelpText('after', () => `\ntrain run:\n\n${run.helpInformation()}${EXAMPLES}`)
  return command
}
