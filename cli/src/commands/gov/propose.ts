import { OpenLedgerError } from '@openledger/protocol'
import { proposeCall } from '@openledger/sdk'
import { Command } from 'commander'
import { getBigInt, isAddress, isHexString } from 'ethers'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger gov propose <description> --action <target>:<calldata>` */
export function proposeCommand(): Command {
  const command = new Command('propose')
    .description('propose calls for the timelock to make')
    .argument('<description>', 'what it is about; part of the proposal’s number')
    .requiredOption('--action <target:calldata[:wei]>', 'a call, may be given several times', collect, [])
    .action((description: string, flags: SendingFlags & { action: string[] }) =>
      signing(flags, async (openledger) => {
        const actions = flags.action.map(actionOf)
        await transact(openledger, flags, [proposeCall(openledger.network, actions, description)], { description })
      }),
    )
  return sends(command)
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

function actionOf(text: string): { target: string; calldata: string; valueWei: bigint } {
  const [target = '', calldata = '', wei = '0'] = text.split(':')
  if (isAddress(target) && isHexString(calldata) && /^[0-9]{1,30}$/.test(wei)) {
    return { target, calldata, valueWei: getBigInt(wei) }
  }
  throw new OpenLedgerError('proposal.action_malformed', 'This is no action: it is <address>:<calldata>[:<wei>].', {
    facts: { action: text.slice(0, 80) },
    nextStep: 'Take `to` and `data` of a call that --dry-run printed.',
  })
}
