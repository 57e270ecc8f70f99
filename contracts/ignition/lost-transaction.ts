import { type EIP1193Provider, trackTransaction, wipe } from '@nomicfoundation/ignition-core'
import { OpenLedgerError } from '@openledger/protocol'
import { compiledArtifacts } from './compiled-artifacts.ts'

/** What the journal of a killed deployment knows: a transaction was about to be sent, and its hash was not written down. */
export type LostTransaction = { futureId: string; sender: string; nonce: number }

/** The lost transaction that Ignition reports by refusing to run; undefined for any other error. */
export function lostTransactionOf(error: unknown): LostTransaction | undefined {
  const { errorCode, messageArguments } = error as { errorCode?: string; messageArguments?: LostTransaction }
  return errorCode === 'HHE10410' ? messageArguments : undefined
}

/**
 * Brings the journal in line with the chain, without sending anything: if the nonce was used, the transaction is looked up
 * and written down; if not, it never left, and the step is taken back, to be done anew.
 * @throws deployment.lost_transaction if the node no longer has the state by which it would be found
 */
export async function findLostTransaction(
  provider: EIP1193Provider,
  deploymentDir: string,
  lost: LostTransaction,
  confirmations: number,
): Promise<void> {
  if ((await nonceAt(provider, lost.sender, 'pending')) <= lost.nonce) {
    return wipe(deploymentDir, compiledArtifacts, lost.futureId)
  }
  const hash = await hashOf(provider, lost).catch((cause: unknown) => {
    throw new OpenLedgerError('deployment.lost_transaction', 'A transaction of the cut-off deployment was not found.', {
      facts: { step: lost.futureId, sender: lost.sender, nonce: lost.nonce },
      nextStep: 'Deploy again through a node that keeps older states (an archive node).',
      cause,
    })
  })
  await trackTransaction(deploymentDir, hash, provider, confirmations)
}

/** Bisects for the block in which the sender's nonce passed that of the transaction. */
async function hashOf(provider: EIP1193Provider, lost: LostTransaction): Promise<string> {
  const latest = Number(await provider.request({ method: 'eth_blockNumber' }))
  let block = 'pending'
  if ((await nonceAt(provider, lost.sender, quantity(latest))) > lost.nonce) {
    let [before, used] = [-1, latest]
    while (used - before > 1) {
      const middle = Math.floor((before + used) / 2)
      if ((await nonceAt(provider, lost.sender, quantity(middle))) > lost.nonce) used = middle
      else before = middle
    }
    block = quantity(used)
  }
  const { transactions } = await provider.request({ method: 'eth_getBlockByNumber', params: [block, true] })
  const sent = (transactions as RpcTransaction[]).find(
    ({ from, nonce }) => from.toLowerCase() === lost.sender.toLowerCase() && Number(nonce) === lost.nonce,
  )
  if (sent === undefined) throw new Error(`no transaction with this nonce in block ${block}`)
  return sent.hash
}

async function nonceAt(provider: EIP1193Provider, sender: string, block: string): Promise<number> {
  return Number(await provider.request({ method: 'eth_getTransactionCount', params: [sender, block] }))
}

function quantity(value: number): string {
  return `0x${value.toString(16)}`
}

type RpcTransaction = { from: string; nonce: string; hash: string }
