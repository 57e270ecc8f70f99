import { formatOpen } from '@openledger/protocol'
import { TRAINING_OFFER } from '@openledger/sdk'
import { Command } from 'commander'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger train offer` */
export function offerCommand(): Command {
  const command = new Command('offer')
    .description('show what the factory of this network trains: kinds with their default recipes, and the price')
    .action((flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const { trainingOffer } = await openledger.query(TRAINING_OFFER, {})
        if (flags.json) return printJson(trainingOffer)
        const { agent, kinds, takesRequests, weiPerMillionTokens } = trainingOffer
        printFacts({
          'price of a million tokens': formatOpen(BigInt(weiPerMillionTokens)),
          'takes runs without a budget': takesRequests ? 'yes' : 'no',
          'takes orders as agent': agent,
          ...Object.fromEntries(kinds.map(({ kind, recipe }) => [kind, JSON.stringify(recipe)])),
        })
      }),
    )
  return readsNetwork(command)
}
