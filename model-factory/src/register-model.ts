/** Puts models on chain: the base once, each adapter with its parents. */

import { type Digest, OpenLedgerError, untilMined } from '@openledger/protocol'
import { LineageRegistryAbi } from '@openledger/protocol/abi'
import { Contract, isError, type Signer, ZeroAddress, ZeroHash } from 'ethers'
import type { trainAdapter } from './train-adapter.ts'

/** ModelKind of the registry. */
const BASE = 1
const ADAPTER = 2
const HEAD = 3

const MINED_WITHIN_MS = 120_000

export type Registry = {
  /** Address of the LineageRegistry. */
  address: string
  /** Who will own the model. */
  signer: Signer
}

/** @returns the base's id; registering the same base again changes nothing and returns the same id */
export function registerBase(
  registry: Registry,
  base: { name: string; licence: string; licenceFlags: number; royaltyPpm: number; artefactDigest: Digest },
): Promise<`0x${string}`> {
  return register(registry, { kind: BASE, ...base, trainingRoot: ZeroHash, parents: [] })
}

/**
 * Registers a trained adapter with its base and Datanets as parents.
 *
 * @returns the adapter's id; registering the same adapter again changes nothing and returns the same id
 * @throws {OpenLedgerError} `registry.refused` with the contract's own reason, `registry.unreachable`
 */
export function registerAdapter(
  registry: Registry,
  adapter: Derived,
  { royaltyPpm }: { royaltyPpm: number },
): Promise<`0x${string}`> {
  return registerDerived(registry, ADAPTER, adapter, royaltyPpm)
}

/** The same for a head: its parents are the extractor and the Datanets. */
export function registerHead(
  registry: Registry,
  head: Derived,
  { royaltyPpm }: { royaltyPpm: number },
): Promise<`0x${string}`> {
  return registerDerived(registry, HEAD, head, royaltyPpm)
}

function registerDerived(registry: Registry, kind: number, model: Derived, royaltyPpm: number): Promise<`0x${string}`> {
  const { name, licence, licenceFlags, artefactDigest, trainingRoot, parents } = model
  return register(registry, {
    kind,
    name,
    licenceFlags,
    royaltyPpm,
    licence,
    artefactDigest,
    trainingRoot,
    parents,
  })
}

type Derived = Pick<
  trainAdapter.Result,
  'name' | 'licence' | 'licenceFlags' | 'artefactDigest' | 'trainingRoot' | 'parents'
>

type ModelTerms = {
  kind: number
  name: string
  licenceFlags: number
  royaltyPpm: number
  licence: string
  artefactDigest: string
  trainingRoot: string
  parents: { id: string; asOfBlock: number }[]
}

async function register({ address, signer }: Registry, terms: ModelTerms): Promise<`0x${string}`> {
  const contract = new Contract(address, LineageRegistryAbi, signer)
  try {
    const id = (await contract.getFunction('modelIdOf')(await signer.getAddress(), terms)) as `0x${string}`
    if ((await contract.getFunction('ownerOf')(id)) !== ZeroAddress) return id
    const transaction = await contract.getFunction('registerModel').send(terms)
    const receipt = await untilMined(signer.provider!, transaction.hash, MINED_WITHIN_MS)
    if (receipt?.status === 1) return id
  } catch (cause) {
    throw refused(contract, terms, cause)
  }
  throw refused(contract, terms, new Error('the transaction was not mined, or reverted'))
}

function refused(contract: Contract, { name }: ModelTerms, cause: unknown): OpenLedgerError {
  if (!isError(cause, 'CALL_EXCEPTION')) {
    return new OpenLedgerError('registry.unreachable', 'The model could not be registered: the chain did not answer.', {
      facts: { name, reason: cause instanceof Error ? cause.message.slice(0, 300) : String(cause) },
      nextStep: 'Check the RPC URL and try again; the same model is never registered twice.',
      retryable: true,
      cause,
    })
  }
  const error = cause.data ? contract.interface.parseError(cause.data) : null
  const reason = error === null ? cause.shortMessage : `${error.name}(${error.args.join(', ')})`
  return new OpenLedgerError('registry.refused', 'The registry refuses the model.', {
    facts: { name, reason },
    nextStep: 'Look at the reason: parents, their blocks and licences must be those of the chain.',
    cause,
  })
}
