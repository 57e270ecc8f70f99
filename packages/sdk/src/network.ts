import { CONTRACT_NAMES, type ContractName, inferenceDomain, OpenLedgerError } from '@openledger/protocol'
import type { TypedDataDomain } from 'ethers'
import { fetchJson } from './fetch-json.ts'

/** Where one deployment of OpenLedger is found. */
export type Network = {
  chainId: number
  contracts: Readonly<Record<ContractName, { address: string }>>
  /** First block that can hold an event of ours; 0 when it is not known. */
  startBlock: number
  urls: Network.Urls
}

export declare namespace Network {
  type Urls = {
    /** GraphQL at /graphql, content at /ipfs/<cid>. */
    api: string
    rpc: string
    inference: string
    /** Content store that takes PUT /ipfs/<cid>; without one nothing can be contributed. */
    content?: string
  }
}

/**
 * Asks an api where everything else is.
 * @param urls what is known better than the api does
 * @throws network.incomplete when the api names no addresses; network.unreachable
 */
export async function readNetwork(apiUrl: string, urls: Partial<Network.Urls> = {}): Promise<Network> {
  const api = apiUrl.replace(/\/+$/, '')
  const links = await fetchJson<Partial<Links>>(`${api}/links.json`)
  const missing = CONTRACT_NAMES.filter((name) => links.contracts?.[name] === undefined)
  if (missing.length > 0 || links.chainId === undefined) {
    throw new OpenLedgerError('network.incomplete', 'This api does not say where the contracts are.', {
      facts: { api, missing: missing.slice(0, 5).join(', ') },
      nextStep: 'Check that the address is that of an OpenLedger api of this version.',
    })
  }
  const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, { address: links.contracts![name] }]))
  return {
    chainId: links.chainId,
    contracts: contracts as Network['contracts'],
    startBlock: 0,
    urls: { rpc: links.rpc ?? '', inference: links.inference ?? '', ...urls, api },
  }
}

/** The EIP-712 domain of the network's vouchers and receipts. */
export function inferenceDomainOf({ chainId, contracts }: Network): TypedDataDomain {
  return inferenceDomain(chainId, contracts.InferenceEscrow.address)
}

type Links = { chainId: number; rpc: string; inference: string; contracts: Record<ContractName, string> }
