import { formatOpen } from '@openledger/protocol'
import { depositCalls, payerAccount, thawCall, withdrawCall } from '@openledger/sdk'
import { Command } from 'commander'
import { amountOf } from '../../client/arguments.ts'
import { printFacts, printJson } from '../../client/print.ts'
import { readsNetwork, type SendingFlags, type SessionFlags, sends } from '../../client/session.ts'
import { transact } from '../../client/transact.ts'
import { addressOf } from '../../client/wallet.ts'
import { reading, signing } from '../../client/with-network.ts'
import { noun } from '../noun.ts'

/** `openledger balance …`: the deposit that answers are paid from. Four verbs of a line each, so they share a file. */
export function balanceCommand() {
  const verbs = [depositCommand(), thawCommand(), withdrawCommand(), showCommand()]
  return noun('balance', 'the deposit that `ask` pays from', verbs)
}

function depositCommand(): Command {
  const command = new Command('deposit')
    .description('pay OPEN in, to ask with')
    .argument('<amount>', 'in OPEN')
    .action((amount: string, flags: SendingFlags) =>
      signing(flags, async (openledger) => {
        const calls = depositCalls(openledger.network, await openledger.address(), amountOf(amount))
        await transact(openledger, flags, calls, { amount })
      }),
    )
  return sends(command)
}

function thawCommand(): Command {
  const command = new Command('thaw')
    .description('announce a withdrawal; nodes have the thaw time to collect what they are owed')
    .argument('<amount>', 'in OPEN')
    .action((amount: string, flags: SendingFlags) =>
      signing(flags, async (openledger) => {
        await transact(openledger, flags, [thawCall(openledger.network, amountOf(amount))], { amount })
      }),
    )
  return sends(command)
}

function withdrawCommand(): Command {
  const command = new Command('withdraw').description('take back what has thawed').action((flags: SendingFlags) =>
    signing(flags, async (openledger) => {
      await transact(openledger, flags, [withdrawCall(openledger.network, await openledger.address())])
    }),
  )
  return sends(command)
}

function showCommand(): Command {
  const command = new Command('show')
    .description('show an account’s deposit and what of it can be spent')
    .argument('<account>', 'address, or a demo account of the local chain')
    .action((name: string, flags: SessionFlags) =>
      reading(flags, async ({ network, provider }) => {
        const account = addressOf(name, network.chainId)
        const { availableWei, balanceWei, thawingWei, walletWei } = await payerAccount(network, provider, account)
        if (flags.json) return printJson({ account, availableWei, balanceWei, thawingWei, walletWei })
        printFacts({
          account,
          deposited: formatOpen(balanceWei),
          thawing: formatOpen(thawingWei),
          available: formatOpen(availableWei),
          'in the wallet': formatOpen(walletWei),
        })
      }),
    )
  return readsNetwork(command)
}
