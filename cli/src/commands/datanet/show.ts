import { OpenLedgerError } from '@openledger/protocol'
import { DATANET_BY_ID } from '@openledger/sdk'
import { Command } from 'commander'
import { idOf } from '../../client/arguments.ts'
import { printFacts, printJson, printTable } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

const CONTRIBUTIONS = 50

/** `openledger datanet show <datanet>` */
export function showCommand(): Command {
  const command = new Command('show')
    .description('show a Datanet and its contributions')
    .argument('<datanet>', 'id of the Datanet')
    .action((text: string, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const id = idOf(text)
        const { datanet } = await openledger.query(DATANET_BY_ID, { id, first: CONTRIBUTIONS })
        if (datanet === null) {
          throw new OpenLedgerError('datanet.unknown', 'The index knows no such Datanet.', {
            facts: { datanet: id },
            nextStep: 'Check the id; a Datanet made a moment ago appears with the next block.',
            retryable: true,
          })
        }
        if (flags.json) return printJson(datanet)
        const { contributions, ...facts } = datanet
        printFacts(facts)
        process.stdout.write('\n')
        const rows = contributions.nodes.map(({ version, contributor, recordCount, licence }) => ({
          version,
          contributor: contributor.name.slice(0, 40),
          records: recordCount,
          licence: licence.slice(0, 30),
        }))
        printTable(rows, 'Nothing was contributed yet: `openledger datanet push` does.')
      }),
    )
  return readsNetwork(command)
}
