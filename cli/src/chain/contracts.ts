import { type ContractName, type Deployment, OpenLedgerError } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { untilMined } from '@openledger/protocol/service'
import { Contract, type ContractRunner, type InterfaceAbi, type TransactionReceipt } from 'ethers'

const MINED_WITHIN_MS = 120_000

/** A deployed contract, read or written through `runner`. */
export function contractOf(deployment: Deployment, name: ContractName, runner: ContractRunner): Contract {
  return new Contract(deployment.contracts[name].address, abis[`${name}Abi`] as InterfaceAbi, runner)
}

/**
 * Sends one call and waits until it is mined.
 * @throws chain.refused with the contract's own error when the call would revert
 */
export async function send(contract: Contract, method: string, ...parameters: unknown[]): Promise<TransactionReceipt> {
  try {
    const transaction = await contract.getFunction(method).send(...parameters)
    const receipt = await untilMined(contract.runner!.provider!, transaction.hash, MINED_WITHIN_MS)
    if (receipt?.status === 1) return receipt
  } catch (cause) {
    throw refused(contract, method, cause)
  }
  throw refused(contract, method)
}

function refused(contract: Contract, method: string, cause?: unknown): OpenLedgerError {
  const data = (cause as { data?: string } | undefined)?.data
  const error = typeof data === 'string' ? contract.interface.parseError(data) : null
  const reason =
    error === null
      ? cause instanceof Error
        ? cause.message
        : 'it reverted'
      : `${error.name}(${error.args.join(', ')})`
  return new OpenLedgerError('chain.refused', 'The chain refused a call.', {
    facts: { method, reason: reason.slice(0, 400) },
    nextStep: 'Correct what the reason names; nothing was changed.',
    cause,
  })
}
