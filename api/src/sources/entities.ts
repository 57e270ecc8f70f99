/** What the api reads of each entity of the subgraph. Names and selections are the subgraph's; a test holds them to its schema. */
import type { Entity } from '../lists/entity.ts'

export const DATANET: Entity = {
  typeName: 'Datanet',
  listName: 'datanets',
  fields: `id name modality licence licenceFlags royaltyPpm owner { id } isCurated isDisputed version recordCount
    contributorCount sizeBytes blockNumber timestamp`,
}
export type DatanetRow = { id: string; owner: { id: string } }

export const CONTRIBUTION: Entity = {
  typeName: 'Contribution',
  listName: 'contributions',
  fields: `id datanet { id } version contributor { id } licence recordCount sizeBytes recordRoot manifestCid blockNumber
    timestamp transactionHash manifest { fault } standing { status isDisputed withdrawnAt }`,
}
export type ContributionRow = {
  id: string
  datanet: { id: string }
  version: number
  contributor: { id: string }
  licence: string
  manifest: { fault: string | null } | null
  standing: { status: string; isDisputed: boolean; withdrawnAt: string | null }
}

export const ACCOUNT: Entity = {
  typeName: 'Account',
  listName: 'accounts',
  fields: `id contributionCount recordCount claimedWei balanceWei earnedAsNodeWei earnedAsOwnerWei earnedAsOperatorWei
    recipient`,
}
export type AccountRow = {
  id: string
  contributionCount?: number
  recordCount?: string
  claimedWei?: string
  balanceWei?: string
  recipient?: string | null
  earnedAsNodeWei?: string
}

export const MODEL: Entity = {
  typeName: 'Model',
  listName: 'models',
  fields: `id kind name owner { id } licence licenceFlags royaltyPpm base { id } artefactCid trainingRoot features { cid }
    isDisputed settledWei contributorsWei stakersWei blockNumber timestamp
    parents(orderBy: index) { datanet { id } version asOfBlock }`,
}
export type ModelRow = {
  id: string
  kind: 'Base' | 'Adapter' | 'Head'
  owner: { id: string }
  base: { id: string }
  artefactCid: string
  features: { cid: string } | null
  parents: { datanet: { id: string } | null; version: number; asOfBlock: string }[]
}

export const EVALUATION: Entity = {
  typeName: 'Evaluation',
  listName: 'evaluations',
  fields: `id model { id } evaluator { id } agent { id } reportDigest dataDigest metric valueE6 isFlagged challengeCount
    blockNumber timestamp transactionHash`,
}
export type EvaluationRow = {
  id: string
  model: { id: string } | null
  evaluator: { id: string }
  agent: { id: string } | null
  reportDigest: `0x${string}`
  metric: string
}

export const TRAINING_JOB: Entity = {
  typeName: 'TrainingJob',
  listName: 'trainingJobs',
  fields: `id number status requester { id } baseModel { id } recipeDigest budgetWei minStakeWei penaltyWei deadline
    reviewSeconds modelOwner agent { id } operator { id } model { id } reviewUntil trainerWei feeWei requesterWei slashedWei
    blockNumber timestamp sources(orderBy: index) { datanet { id } asOfBlock }`,
}
export type TrainingJobRow = {
  id: string
  requester: { id: string }
  operator: { id: string } | null
  agent: { id: string } | null
  model: { id: string } | null
  baseModel: { id: string } | null
  recipeDigest: `0x${string}`
  sources: { datanet: { id: string } | null; asOfBlock: string }[]
}

export const ANSWER: Entity = {
  typeName: 'Answer',
  listName: 'answers',
  fields: `id receiptHash sequence model { id } node { id } payer { id } promptTokens completionTokens priceWei
    timestampMs requestHash responseHash engineHash previousReceipt
    batch { receiptsRoot receiptsCid transactionHash blockNumber }`,
}

export const CLAIM: Entity = {
  typeName: 'Claim',
  listName: 'claims',
  fields: 'id account { id } to amountWei cumulativeWei blockNumber timestamp transactionHash',
}
export type ClaimRow = { id: string; account: { id: string } }

export const AGENT: Entity = {
  typeName: 'Agent',
  listName: 'agents',
  fields: 'id number owner { id } operator { id } uri isListedAuditor blockNumber timestamp pool { id }',
}
export type AgentRow = {
  id: string
  owner: { id: string }
  operator: { id: string }
  pool: { id: string }[]
}

export const STAKE_POOL: Entity = {
  typeName: 'StakePool',
  listName: 'stakePools',
  fields: `id agent { id } model { id } activeWei thawingWei activeShares stakedWei withdrawnWei rewardedWei commissionWei
    slashedWei commissionPpm commissionFrom`,
}
export type StakePoolRow = {
  id: string
  agent: { id: string } | null
  model: { id: string } | null
  activeWei: string
  activeShares: string
}

export const STAKE: Entity = {
  typeName: 'Stake',
  listName: 'stakes',
  fields: 'id pool { id } staker { id } shares stakedWei thawedWei withdrawnWei',
}
export type StakeRow = { id: string; pool: { id: string }; staker: { id: string }; shares: string }

export const DISPUTE: Entity = {
  typeName: 'Dispute',
  listName: 'disputes',
  fields: `id number status pool { id } challenger { id } claimDigest atStakeWei bondWei answerUntil rulingUntil
    accused { id } answerDigest reasonDigest slashedWei accusedWei rewardsWei blockNumber timestamp`,
}
export type DisputeRow = {
  id: string
  pool: { id: string }
  challenger: { id: string }
  accused: { id: string } | null
  claimDigest: `0x${string}`
}

export const PROPOSAL: Entity = {
  typeName: 'Proposal',
  listName: 'proposals',
  fields: `id number proposer { id } description voteStart voteEnd status etaAt closedAt forWei againstWei abstainWei
    voteCount blockNumber timestamp transactionHash
    calls(orderBy: index, first: 100) { index target valueWei signature data }`,
}
export type ProposalRow = { id: string; proposer: { id: string }; voteStart: string; voteEnd: string; status: string }

export const VOTE: Entity = {
  typeName: 'Vote',
  listName: 'votes',
  fields: 'id proposal { id } voter { id } support weightWei reason blockNumber timestamp transactionHash',
}
export type VoteRow = { id: string; proposal: { id: string }; voter: { id: string } }

export const TOKEN_TRANSFER: Entity = {
  typeName: 'TokenTransfer',
  listName: 'tokenTransfers',
  fields: 'id token { name id } from to amountWei blockNumber timestamp transactionHash',
}
export type TokenTransferRow = { id: string; token: { id: string; name: string } }
