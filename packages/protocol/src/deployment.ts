import { z } from 'zod'
import { address } from './manifests/primitives.ts'

/** The contracts of a deployment, each under the name of its source: others call them by ABI, and the index reads them. */
export const CONTRACT_NAMES = [
  'OpenToken',
  'GovernanceOpen',
  'WrappedOpen',
  'Genesis',
  'CommunityEmission',
  'OpenGovernor',
  'OpenTimelock',
  'LineageRegistry',
  'Evaluations',
  'Curation',
  'InferenceEscrow',
  'Tills',
  'TrainingJobs',
  'RewardDistributor',
  'RewardDrip',
  'RootCourt',
  'AgentRegistry',
  'AgentReputation',
  'AgentStaking',
  'Disputes',
  'ReplayFaults',
  'QualityReports',
  'EntryPoint',
  'BoundedPrice',
  'OpenPaymaster',
] as const
export type ContractName = (typeof CONTRACT_NAMES)[number]

/** Where the contracts of one network stand. Written by the deployment, read by everybody else. */
export const Deployment = z.object({
  chainId: z.int().min(1),
  network: z.string(),
  /** First block that can hold an event of ours. */
  startBlock: z.int().min(0),
  contracts: z.record(z.enum(CONTRACT_NAMES), z.object({ address, block: z.int().min(0) })),
})
export type Deployment = z.infer<typeof Deployment>
