import { type ContractName, cidOf } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Interface, keccak256, toBeHex, toUtf8Bytes } from 'ethers'

/** One file of `gnd test`: blocks go through graph-node's own store and WASM runtime, then GraphQL is asked. */
export type TestCase = {
  name: string
  files?: { cid: string; content: string }[]
  blocks: { number?: number; timestamp?: number; events?: TestEvent[] }[]
  assertions: { query: string; expected: unknown }[]
}
export type TestEvent = { address: string; event: string; params: Record<string, unknown>; txHash?: string }

/** The place of a contract in this list is its address in subgraph.yaml, before a deployment replaces it: new ones go to the end. */
const PLACES: readonly ContractName[] = [
  'OpenToken',
  'LineageRegistry',
  'InferenceEscrow',
  'RewardDistributor',
  'RootCourt',
  'AgentStaking',
  'AgentRegistry',
  'AgentReputation',
  'Curation',
  'TrainingJobs',
  'GovernanceOpen',
  'OpenGovernor',
  'OpenTimelock',
  'Disputes',
  'ReplayFaults',
  'QualityReports',
  'Evaluations',
  'RewardDrip',
  'Tills',
  'Genesis',
  'CommunityEmission',
  'WrappedOpen',
  'BoundedPrice',
  'OpenPaymaster',
]

/** The address that subgraph.yaml gives to a contract. */
export function placeOf(name: ContractName): string {
  return address(1 + PLACES.indexOf(name))
}

/** An event of a contract, its signature taken from the ABI. Events with the same `txHash` share a transaction. */
export function event(
  contract: ContractName,
  name: string,
  params: Record<string, unknown>,
  txHash?: string,
): TestEvent {
  const { inputs } = new Interface(abis[`${contract}Abi`]).getEvent(name)!
  // As gnd reads it: names of parameters, but none inside a tuple.
  const parameters = inputs.map((input) => `${input.format('sighash')}${input.indexed ? ' indexed' : ''} ${input.name}`)
  const signature = `${name}(${parameters.join(', ')})`
  return { address: placeOf(contract), event: signature, params, ...(txHash === undefined ? {} : { txHash }) }
}

/** A readable address: the number in hex, padded. */
export function address(number: number): string {
  return toBeHex(number, 20)
}

/** A number as the 32 bytes that name an agent, a job or a proposal. */
export function wordOf(number: bigint | number): string {
  return toBeHex(number, 32)
}

/** 32 bytes that stand for `name`. */
export function word(name: string): `0x${string}` {
  return keccak256(toUtf8Bytes(name)) as `0x${string}`
}

/** As graph-ts' `concatI32` appends an integer: 4 bytes, little-endian. */
export function int(number: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(number)
  return bytes.toString('hex')
}

/** A file as the content store would hold it. */
export function file(content: string): { cid: string; content: string } {
  return { cid: cidOf(new TextEncoder().encode(content)), content }
}
