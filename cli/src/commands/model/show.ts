import { formatOpen } from '@openledger/protocol'
import { Command } from 'commander'
import { findModel } from '../../client/find-model.ts'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger model show <model>` */
export function showCommand(): Command {
  const command = new Command('show')
    .description('show a model, what it was made from and what it earned')
    .argument('<model>', 'id, or name of one of the newest 100')
    .action((text: string, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const model = await findModel(openledger, text)
        if (flags.json) return printJson(model)
        const { base, datanets, settledWei, contributorsWei, ...facts } = model
        printFacts({
          ...facts,
          base: `${base.name} ${base.id}`,
          datanets: datanets.map(({ datanet, version }) => `${datanet.name}@${version}`).join(', ') || 'none',
          settled: formatOpen(BigInt(settledWei)),
          'for contributors': formatOpen(BigInt(contributorsWei)),
        })
      }),
    )
  return readsNetwork(command)
}
