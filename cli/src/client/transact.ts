import type { Call, OpenLedger } from '@openledger/sdk'
import { formatEther } from 'ethers'
import { note, printFacts, printJson } from './print.ts'
import type { SendingFlags } from './session.ts'

/**
 * Sends prepared calls and prints what became of them; with --dry-run prints the calls and their cost, and sends nothing.
 * @param facts about what is sent, which stand in front of what is printed
 * @param before what must be done before the first call, such as storing content; not done in a dry run
 * @returns whether anything was sent
 */
export async function transact(
  openledger: OpenLedger,
  flags: SendingFlags,
  calls: readonly Call[],
  facts: Record<string, unknown> = {},
  before: () => Promise<unknown> = async () => undefined,
): Promise<boolean> {
  const from = (await openledger.address()).toLowerCase()
  if (flags.dryRun === true) {
    const costs = await openledger.estimate(calls)
    const shown = calls.map(({ contract, method, to, data }, i) => ({ contract, method, to, data, ...costs[i] }))
    if (flags.json) printJson({ dryRun: true, from, ...facts, calls: shown })
    else {
      printFacts({ ...facts, from })
      for (const { contract, method, to, data, gas, feeWei } of shown) {
        const cost = gas === null ? 'known once the call before it is mined' : `${gas} gas`
        const fee = feeWei == null ? '' : `, at most ${formatEther(feeWei)} ETH`
        process.stdout.write(`\n${contract}.${method}\n  to    ${to}\n  data  ${data}\n  cost  ${cost}${fee}\n`)
      }
      note('\nNothing was sent.')
    }
    return false
  }
  await before()
  const receipts = await openledger.send(calls, ({ contract, method }, { hash }) =>
    note(`${contract}.${method} is mined: ${hash}`),
  )
  const transactions = receipts.map(({ hash }) => hash)
  if (flags.json) printJson({ from, ...facts, transactions })
  else printFacts({ ...facts, from, transaction: transactions.at(-1) })
  return true
}
