import { prepareDatanet, storeDatanet } from '@openledger/sdk'
import { Command, Option } from 'commander'
import { wholeOf } from '../../client/arguments.ts'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'
import { OPEN_LICENCE_FLAGS } from '../../demo/seed-chain.ts'

/** `openledger datanet create <name>` */
export function createCommand(): Command {
  const command = new Command('create')
    .description('create a Datanet; prints its id')
    .argument('<name>', 'what people will call it')
    .requiredOption('--licence <spdx>', 'licence of its records, as an SPDX expression')
    .option('--summary <text>', 'what it holds, in a sentence', '')
    .addOption(new Option('--modality <kind>').choices(['text', 'image', 'audio', 'other']).default('text'))
    .option('--royalty-ppm <ppm>', 'part of derived models’ income, in parts per million', '0')
    .option('--licence-flags <sum>', 'derivatives 1, commercial 2, reciprocal 4', String(OPEN_LICENCE_FLAGS))
    .option('--curated', 'let rules and validators decide what it takes')
    .action((name: string, flags: Flags) =>
      signing(flags, async (openledger) => {
        const { network, provider } = openledger
        const prepared = await prepareDatanet(network, provider, await openledger.address(), {
          name,
          summary: flags.summary,
          modality: flags.modality,
          licence: flags.licence,
          licenceFlags: wholeOf(flags.licenceFlags, 0, 7),
          royaltyPpm: wholeOf(flags.royaltyPpm, 0, 1_000_000),
          curated: flags.curated === true,
        })
        await transact(openledger, flags, [prepared.call], { datanet: prepared.id }, () =>
          storeDatanet(network, prepared),
        )
      }),
    )
  return sends(command)
}

type Flags = SendingFlags & {
  licence: string
  summary: string
  modality: 'text' | 'image' | 'audio' | 'other'
  royaltyPpm: string
  licenceFlags: string
  curated?: boolean
}
