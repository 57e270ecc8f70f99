import { digestOf, OpenLedgerError } from '@openledger/protocol'
import { storeContent, validateCall } from '@openledger/sdk'
import { Command, InvalidArgumentError } from 'commander'
import { idOf, wholeOf } from '../../client/arguments.ts'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger datanet validate <contribution> accept|reject` */
export function validateCommand(): Command {
  const command = new Command('validate')
    .description('accept or reject a contribution to a curated Datanet, as a validator')
    .argument('<contribution>', 'id of the contribution in Curation')
    .argument('<verdict>', 'accept or reject', verdictOf)
    .requiredOption('--agent <number>', 'your validating agent’s number')
    .option('--reason <text>', 'why; a rejection must say')
    .action((contribution: string, accepted: boolean, flags: SendingFlags & { agent: string; reason?: string }) =>
      signing(flags, async (openledger) => {
        if (!accepted && flags.reason === undefined) throw reasonMissing()
        const reason = flags.reason === undefined ? null : new TextEncoder().encode(flags.reason)
        const call = validateCall(openledger.network, {
          contributionId: idOf(contribution),
          agentId: BigInt(wholeOf(flags.agent, 1, Number.MAX_SAFE_INTEGER)),
          accepted,
          ...(reason === null ? {} : { reasonDigest: digestOf(reason) }),
        })
        await transact(openledger, flags, [call], { contribution, accepted }, async () => {
          if (reason !== null) await storeContent(openledger.network, reason)
        })
      }),
    )
  return sends(command)
}

function verdictOf(word: string): boolean {
  if (word === 'accept') return true
  if (word === 'reject') return false
  throw new InvalidArgumentError('It is "accept" or "reject".')
}

function reasonMissing(): OpenLedgerError {
  return new OpenLedgerError('validation.no_reason', 'A rejection must say why.', {
    nextStep: 'Add --reason "<text>".',
  })
}
