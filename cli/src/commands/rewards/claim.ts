import { formatOpen } from '@openledger/protocol'
import { claimCall } from '@openledger/sdk'
import { Command } from 'commander'
import { type SendingFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { addressOf } from '../../client/wallet.ts'
import { signing } from '../../client/with-network.ts'

/** `openledger rewards claim [account]`: anybody may send it; the money goes to the account. */
export function claimCommand(): Command {
  const command = new Command('claim')
    .description('pay an account what the newest live root grants it')
    .argument('[beneficiary]', 'address or demo account to be paid; the signer unless given')
    .action((beneficiary: string | undefined, flags: SendingFlags) =>
      signing(flags, async (openledger) => {
        const { network } = openledger
        const account = beneficiary === undefined ? await openledger.address() : addressOf(beneficiary, network.chainId)
        const rewards = await openledger.rewards(account)
        const facts = {
          account: rewards.account,
          amount: formatOpen(BigInt(rewards.claimableWei)),
          amountWei: rewards.claimableWei,
        }
        await transact(openledger, flags, [claimCall(network, rewards)], facts)
      }),
    )
  return sends(command)
}
