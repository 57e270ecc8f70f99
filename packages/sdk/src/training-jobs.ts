/** Training that somebody else does for a budget. */
import { type Call, callOf } from './calls.ts'
import type { Network } from './network.ts'

const MODEL_OWNERS = ['requester', 'trainer'] as const

export type JobTerms = {
  baseModelId: string
  /** Datanets as of blocks, by ascending id. */
  sources: readonly { datanetId: string; asOfBlock: number }[]
  /** Digest of how to train and how to evaluate. */
  recipeDigest: string
  budgetWei: bigint
  minStakeWei: bigint
  penaltyWei: bigint
  /** Unix seconds. */
  deadline: number
  reviewSeconds: number
  modelOwner: (typeof MODEL_OWNERS)[number]
}

/** Puts the budget into escrow and asks staked agents for a model. */
export function requestTrainingCalls(network: Network, terms: JobTerms): Call[] {
  const { budgetWei, reviewSeconds, modelOwner, ...rest } = terms
  const onChain = {
    ...rest,
    budgetWei,
    reviewTime: reviewSeconds,
    modelOwner: MODEL_OWNERS.indexOf(modelOwner),
  }
  return [
    callOf(network, 'OpenToken', 'approve', network.contracts.TrainingJobs.address, budgetWei),
    callOf(network, 'TrainingJobs', 'request', onChain),
  ]
}
