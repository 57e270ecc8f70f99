import type { Deployment } from '@openledger/protocol'
import {
  InferenceEscrowAbi,
  LineageRegistryAbi,
  OpenTokenAbi,
  RewardDistributorAbi,
  RewardDripAbi,
  RootCourtAbi,
} from '@openledger/protocol/abi'
import { Contract, type ContractRunner } from 'ethers'

/** The contracts of a deployment, called through `runner`: a provider for reading, a signer for writing. */
export function connectContracts(deployment: Deployment, runner: ContractRunner): Contracts {
  const at = (name: keyof Deployment['contracts']) => deployment.contracts[name]!.address
  return {
    token: new Contract(at('OpenToken'), OpenTokenAbi, runner),
    registry: new Contract(at('LineageRegistry'), LineageRegistryAbi, runner),
    escrow: new Contract(at('InferenceEscrow'), InferenceEscrowAbi, runner),
    distributor: new Contract(at('RewardDistributor'), RewardDistributorAbi, runner),
    drip: new Contract(at('RewardDrip'), RewardDripAbi, runner),
    court: new Contract(at('RootCourt'), RootCourtAbi, runner),
  }
}

export type Contracts = Record<'token' | 'registry' | 'escrow' | 'distributor' | 'drip' | 'court', Contract>
