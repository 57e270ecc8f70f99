import { Command } from 'commander'
import { idOf, wholeOf } from '../../client/arguments.ts'
import { printJson } from '../../client/print.ts'
import { printAnswer } from '../../client/print-answer.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger answer show <receipt>` */
export function showCommand(): Command {
  const command = new Command('show')
    .description('say why an answer says what it says, and who is paid for it')
    .argument('<receipt>', 'receipt hash of the answer')
    .option('--first <count>', 'most records and spans of each kind, 1 to 100', '10')
    .action((receipt: string, flags: SessionFlags & { first: string }) =>
      reading(flags, async (openledger) => {
        const answer = await openledger.explain(idOf(receipt), wholeOf(flags.first, 1, 100))
        if (flags.json) printJson(answer)
        else printAnswer(answer)
      }),
    )
  return readsNetwork(command)
}
