import type { ContractName } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Interface, type InterfaceAbi, type Provider, type Signer, type TransactionReceipt } from 'ethers'
import { contractOf, refused, send } from './contracts.ts'
import type { Network } from './network.ts'

/** A transaction that is prepared and not sent: what is shown is what is signed. */
export type Call = {
  contract: ContractName
  method: string
  args: readonly unknown[]
  to: string
  data: string
}

export type CallCost = {
  /** null when it cannot be told before the call before it is mined. */
  gas: bigint | null
  /** At the chain's price of now, in wei of the gas token. */
  feeWei: bigint | null
}

export function callOf(network: Network, contract: ContractName, method: string, ...args: unknown[]): Call {
  const data = new Interface(abis[`${contract}Abi`] as InterfaceAbi).encodeFunctionData(method, args)
  return { contract, method, args, to: network.contracts[contract].address, data }
}

/**
 * Sends calls one after the other, each when the one before is mined.
 * @throws chain.refused at the first that the chain does not take; those before it stand
 */
export async function sendCalls(
  network: Network,
  signer: Signer,
  calls: readonly Call[],
  onMined: (call: Call, receipt: TransactionReceipt) => void = () => {},
): Promise<TransactionReceipt[]> {
  const receipts: TransactionReceipt[] = []
  for (const call of calls) {
    const receipt = await send(contractOf(network, call.contract, signer), call.method, ...call.args)
    onMined(call, receipt)
    receipts.push(receipt)
  }
  return receipts
}

/**
 * What the calls would cost `from`, one by one.
 * @throws chain.refused when the first would be refused; a later one may only need those before it
 */
export async function estimateCalls(provider: Provider, from: string, calls: readonly Call[]): Promise<CallCost[]> {
  const { maxFeePerGas, gasPrice } = await provider.getFeeData()
  const price = maxFeePerGas ?? gasPrice
  const costs: CallCost[] = []
  for (const [place, { to, data, method }] of calls.entries()) {
    const gas = await provider.estimateGas({ from, to, data }).catch((cause) => {
      if (place === 0) throw refused(method, cause)
      return null
    })
    costs.push({ gas, feeWei: gas === null || price === null ? null : gas * price })
  }
  return costs
}
