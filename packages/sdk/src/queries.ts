/** What is asked of the api, with the types of its answers. Integers that JSON would round are decimal strings. */
import type { Query } from './graphql.ts'

type Hex = `0x${string}`
type Page<T> = { nodes: T[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } }
type PageOf = { first: number; after?: string | null }

export type DatanetRow = {
  id: Hex
  name: string
  modality: string
  licence: string
  royaltyPpm: number
  owner: Hex
  version: number
  recordCount: string
  contributorCount: number
  sizeBytes: string
}

const DATANET = 'id name modality licence royaltyPpm owner version recordCount contributorCount sizeBytes'

export const DATANETS: Query<PageOf, { datanets: Page<DatanetRow> }> = {
  text: `query Datanets($first: Int!, $after: String) {
    datanets(first: $first, after: $after) { nodes { ${DATANET} } pageInfo { hasNextPage endCursor } }
  }`,
}

export type ContributionRow = {
  id: string
  version: number
  contributor: { account: Hex; name: string }
  licence: string
  recordCount: string
  manifestCid: string
  transactionHash: Hex
}

export const DATANET_BY_ID: Query<
  { id: string; first: number },
  { datanet: (DatanetRow & { contributions: Page<ContributionRow> }) | null }
> = {
  text: `query Datanet($id: Bytes32!, $first: Int!) {
    datanet(id: $id) { ${DATANET} contributions(first: $first) {
      nodes { id version contributor { account name } licence recordCount manifestCid transactionHash }
      pageInfo { hasNextPage endCursor }
    } }
  }`,
}

export type ModelRow = {
  id: Hex
  kind: 'Base' | 'Adapter' | 'Head'
  name: string
  owner: Hex
  licence: string
  royaltyPpm: number
  base: { id: Hex; name: string }
  artefactCid: string
  featuresCid: string | null
  settledWei: string
  contributorsWei: string
  datanets: { version: number; asOfBlock: string; datanet: { id: Hex; name: string } }[]
}

const MODEL = `id kind name owner licence royaltyPpm base { id name } artefactCid featuresCid settledWei contributorsWei
  datanets { version asOfBlock datanet { id name } }`

export const MODELS: Query<PageOf, { models: Page<ModelRow> }> = {
  text: `query Models($first: Int!, $after: String) {
    models(first: $first, after: $after) { nodes { ${MODEL} } pageInfo { hasNextPage endCursor } }
  }`,
}

export const MODEL_BY_ID: Query<{ id: string }, { model: ModelRow | null }> = {
  text: `query Model($id: Bytes32!) { model(id: $id) { ${MODEL} } }`,
}

export type InfluenceRow = {
  sharePpm: number
  mean: string
  standardError: string
  record: { digest: Hex; cid: string; title: string; text: string | null; licence: string } | null
  contributor: { account: Hex; name: string }
}

export type AnswerRow = {
  receiptHash: Hex
  model: { id: Hex; name: string } | null
  node: Hex
  payer: Hex | null
  promptTokens: string
  completionTokens: string
  priceWei: string
  timestampMs: string
  prompt: string | null
  text: string | null
  settlementTransaction: Hex
  poolWei: string | null
  epoch: { number: number; root: Hex; isLive: boolean; manifestCid: string } | null
  evidence: {
    cid: string
    influence: InfluenceRow[]
    verbatim: { text: string; documents: { record: { title: string } | null }[] }[]
  } | null
  shares: { amountWei: string; contributor: { account: Hex; name: string }; record: { title: string } | null }[]
}

export const ANSWER: Query<{ receiptHash: string; first: number }, { answer: AnswerRow | null }> = {
  text: `query Answer($receiptHash: Bytes32!, $first: Int!) {
    answer(receiptHash: $receiptHash) {
      receiptHash model { id name } node payer promptTokens completionTokens priceWei timestampMs prompt text
      settlementTransaction poolWei epoch { number root isLive manifestCid }
      evidence {
        cid
        influence(first: $first) {
          sharePpm mean standardError record { digest cid title text licence } contributor { account name }
        }
        verbatim(first: $first) { text documents { record { title } } }
      }
      shares { amountWei contributor { account name } record { title } }
    }
  }`,
}

/** The little that `verify` takes from the api: where on chain to look. Nothing of it is believed. */
export const ANSWER_PLACE: Query<
  { receiptHash: string },
  { answer: { settlementTransaction: Hex; epoch: { number: number } | null } | null }
> = {
  text: `query AnswerPlace($receiptHash: Bytes32!) {
    answer(receiptHash: $receiptHash) { settlementTransaction epoch { number } }
  }`,
}

export type RewardsRow = {
  account: Hex
  name: string
  contributionCount: number
  recordCount: string
  earnedWei: string
  claimedWei: string
  claimableWei: string
  proof: { epoch: number; root: Hex; word: Hex; index: number; siblings: Hex[]; cumulativeWei: string } | null
  claims: { amountWei: string; to: Hex; transactionHash: Hex }[]
}

export const REWARDS: Query<{ account: string }, { contributor: RewardsRow }> = {
  text: `query Rewards($account: Address!) {
    contributor(account: $account) {
      account name contributionCount recordCount earnedWei claimedWei claimableWei
      proof { epoch root word index siblings cumulativeWei } claims { amountWei to transactionHash }
    }
  }`,
}

/** Every document, for the test that holds them to the schema. */
export const ALL_QUERIES = [DATANETS, DATANET_BY_ID, MODELS, MODEL_BY_ID, ANSWER, ANSWER_PLACE, REWARDS]
