import { Command } from 'commander'
import { idOf } from '../../client/arguments.ts'
import { printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger answer verify <receipt>`: exit code 0 when every step holds, 1 when one does not. */
export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('follow one answer from its receipt to the root on chain, believing nobody')
    .argument('<receipt>', 'receipt hash of the answer')
    .action((receipt: string, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const verification = await openledger.verify(idOf(receipt))
        if (flags.json) printJson(verification)
        else for (const { check, ok, why } of verification.findings) console.log(`${ok ? '✓' : '✗'} ${check}: ${why}`)
        process.exitCode = verification.ok ? 0 : 1
      }),
    )
  return readsNetwork(command)
}
