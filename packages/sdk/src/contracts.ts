import { type ContractName, OpenLedgerError, untilMined } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Contract, type ContractRunner, Interface, type InterfaceAbi, type TransactionReceipt } from 'ethers'

const MINED_WITHIN_MS = 120_000

type Contracts = { contracts: Readonly<Record<ContractName, { address: string }>> }

/** A deployed contract, read or written through `runner`. */
export function contractOf({ contracts }: Contracts, name: ContractName, runner: ContractRunner): Contract {
  return new Contract(contracts[name].address, abis[`${name}Abi`] as InterfaceAbi, runner)
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
    throw refused(method, cause)
  }
  throw refused(method)
}

/** Why the chain does not take a call, in the words of the contract that refused it, whichever that was. */
export function refused(method: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('chain.refused', 'The chain refused a call.', {
    facts: { method, reason: reasonOf(cause).slice(0, 400) },
    nextStep: 'Correct what the reason names; nothing was changed.',
    cause,
  })
}

function reasonOf(cause: unknown): string {
  const data = (cause as { data?: unknown } | undefined)?.data
  if (typeof data === 'string' && data.length >= 10) {
    for (const abi of Object.values(abis)) {
      const error = new Interface(abi as InterfaceAbi).parseError(data)
      if (error !== null) return `${error.name}(${error.args.join(', ')})`
    }
  }
  return cause instanceof Error ? cause.message : 'it reverted'
}
