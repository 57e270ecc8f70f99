import { OpenLedgerError } from '@openledger/protocol'
import { untilMined } from '@openledger/protocol/service'
import { type ContractTransaction, isError, keccak256, type TransactionReceipt, type Wallet } from 'ethers'

/**
 * Signs a transaction, lets the caller keep it, sends it and waits until it is in a block.
 *
 * What is kept before it is sent can be sent again after a crash: the same bytes are the same transaction, so it can
 * happen at most once. Transactions of one account wait for each other, so that no two are given the same nonce.
 * @param keep called with the signed bytes before they leave the process
 * @throws chain.refused when the contract would revert; what `sendSigned` throws
 */
export function sendTransaction(
  signer: Wallet,
  transaction: ContractTransaction,
  keep: (signed: string) => Promise<void> = async () => {},
): Promise<TransactionReceipt> {
  return inTurn(signer, async () => {
    const signed = await signer.signTransaction(await populate(signer, transaction))
    await keep(signed)
    return send(signer, signed)
  })
}

/**
 * Sends what was signed before; sending again what is known or mined already changes nothing.
 * @throws chain.reverted, chain.timeout; chain.nonce_used when another transaction took its place
 */
export function sendSigned(signer: Wallet, signed: string): Promise<TransactionReceipt> {
  return inTurn(signer, () => send(signer, signed))
}

/** Account → its last transaction under way. */
const turns = new Map<string, Promise<unknown>>()

function inTurn<T>(signer: Wallet, work: () => Promise<T>): Promise<T> {
  const result = (turns.get(signer.address) ?? Promise.resolve()).then(work)
  const settled = result.catch(() => {})
  turns.set(signer.address, settled)
  return result
}

async function send(signer: Wallet, signed: string): Promise<TransactionReceipt> {
  const provider = signer.provider!
  const hash = keccak256(signed)
  if ((await provider.getTransactionReceipt(hash)) === null) {
    await provider.broadcastTransaction(signed).catch((error: unknown) => {
      if (isError(error, 'NONCE_EXPIRED')) throw nonceUsed(hash, error)
      if (!/already known|already imported/i.test(String(error))) throw error
    })
  }
  const receipt = await untilMined(provider, hash, TIMEOUT_MS)
  if (receipt === null) {
    throw new OpenLedgerError('chain.timeout', 'A transaction was sent but no block took it in time.', {
      facts: { transaction: hash, timeoutMs: TIMEOUT_MS },
      nextStep: 'Wait: it is sent again, unchanged, at the next attempt.',
      retryable: true,
    })
  }
  if (receipt.status === 1) return receipt
  throw new OpenLedgerError('chain.reverted', 'A transaction was mined but the contract refused it.', {
    facts: { transaction: hash },
    nextStep: 'Look at what the chain says about the transaction; the next attempt starts from the chain’s state.',
    retryable: true,
  })
}

const TIMEOUT_MS = 60_000

async function populate(signer: Wallet, transaction: ContractTransaction) {
  try {
    const populated = await signer.populateTransaction(transaction) // estimates gas, so a refusal shows here, before anything is sent
    // What a call costs may change with time and with what others do before it is mined.
    return { ...populated, gasLimit: (BigInt(populated.gasLimit!) * 6n) / 5n }
  } catch (cause) {
    if (!isError(cause, 'CALL_EXCEPTION')) throw cause
    throw new OpenLedgerError('chain.refused', 'The contract refuses this transaction.', {
      facts: { to: transaction.to, reason: cause.reason ?? cause.data ?? cause.shortMessage },
      nextStep: 'Look at the reason; the next attempt starts from the chain’s state.',
      retryable: true,
      cause,
    })
  }
}

function nonceUsed(hash: string, cause: unknown): OpenLedgerError {
  return new OpenLedgerError('chain.nonce_used', 'Another transaction of this account took this one’s place.', {
    facts: { transaction: hash },
    nextStep: 'Nothing was lost: the next attempt signs a new one. Give the engine a key that nobody else uses.',
    retryable: true,
    cause,
  })
}
