import { formatOpen } from '@openledger/protocol'
import { stakeAccount } from '@openledger/sdk'
import { Command } from 'commander'
import { idOf } from '../../client/arguments.ts'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { addressOf } from '../../client/wallet.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger stake show <pool> <account>` */
export function showCommand(): Command {
  const command = new Command('show')
    .description('show an account’s stake in a pool, and what of it thaws')
    .argument('<pool>', 'id of the model, or of the agent’s pool')
    .argument('<staker>', 'address, or a demo account of the local chain')
    .action((pool: string, staker: string, flags: SessionFlags) =>
      reading(flags, async ({ network, provider }) => {
        const account = addressOf(staker, network.chainId)
        const stake = await stakeAccount(network, provider, idOf(pool), account)
        if (flags.json) return printJson({ pool, account, ...stake })
        printFacts({
          pool,
          account,
          staked: formatOpen(stake.stakedWei),
          'whole pool': formatOpen(stake.poolWei),
          thawing:
            stake.thaws.map(({ shares, until }) => `${shares} shares until ${timeOf(until)}`).join('; ') || 'none',
        })
      }),
    )
  return readsNetwork(command)
}

function timeOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString()
}
