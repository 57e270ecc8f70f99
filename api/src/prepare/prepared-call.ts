import type { ContractName, Deployment } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Interface, type InterfaceAbi } from 'ethers'

/** A transaction that its sender has yet to sign: the api holds no key and sends nothing. */
export type PreparedCall = {
  to: string
  data: string
  /** Wei of native coin. */
  value: bigint
  chainId: number
  description: string
  /** To be sent before: it lets the contract take OPEN. */
  before: PreparedCall | null
}

const interfaces = new Map<ContractName, Interface>()

/** Calldata for a function of one of our contracts. */
export function prepareCall(
  deployment: Deployment,
  contract: ContractName,
  method: string,
  parameters: readonly unknown[],
  description: string,
  before: PreparedCall | null = null,
): PreparedCall {
  let abi = interfaces.get(contract)
  if (abi === undefined) {
    abi = new Interface(abis[`${contract}Abi` as keyof typeof abis] as InterfaceAbi)
    interfaces.set(contract, abi)
  }
  const data = abi.encodeFunctionData(method, parameters)
  return {
    to: deployment.contracts[contract].address,
    data,
    value: 0n,
    chainId: deployment.chainId,
    description,
    before,
  }
}

/** Lets a contract take so much OPEN from the sender, for the call that comes after. */
export function prepareApproval(deployment: Deployment, spender: ContractName, amountWei: bigint): PreparedCall {
  const { address } = deployment.contracts[spender]
  const description = `Lets ${spender} take ${amountWei} wei of OPEN from you, once.`
  return prepareCall(deployment, 'OpenToken', 'approve', [address, amountWei], description)
}
