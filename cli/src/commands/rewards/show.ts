import { formatOpen } from '@openledger/protocol'
import { Command } from 'commander'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SessionFlags } from '../../client/session.ts'
import { addressOf } from '../../client/wallet.ts'
import { reading } from '../../client/with-network.ts'

/** `openledger rewards show <account>` */
export function showCommand(): Command {
  const command = new Command('show')
    .description('show what an account earned, claimed and can claim')
    .argument('<account>', 'address, or a demo account of the local chain')
    .action((account: string, flags: SessionFlags) =>
      reading(flags, async (openledger) => {
        const rewards = await openledger.rewards(addressOf(account, openledger.network.chainId))
        if (flags.json) return printJson(rewards)
        const { proof } = rewards
        printFacts({
          account: rewards.account,
          name: rewards.name,
          records: rewards.recordCount,
          earned: formatOpen(BigInt(rewards.earnedWei)),
          claimed: formatOpen(BigInt(rewards.claimedWei)),
          claimable: formatOpen(BigInt(rewards.claimableWei)),
          epoch: proof?.epoch,
          root: proof?.root,
        })
      }),
    )
  return readsNetwork(command)
}
