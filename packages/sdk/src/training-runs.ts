/** Runs of the model-factory behind the api. */
import type { Query } from './graphql.ts'

export type TrainingRunRow = {
  id: string
  name: string
  kind: string
  status: 'QUEUED' | 'RUNNING' | 'REGISTERING' | 'DONE' | 'FAILED' | 'CANCELLED'
  jobNumber: string | null
  modelId: `0x${string}` | null
  attempts: number
  progress: TrainingMetric
  evaluation: TrainingEvaluation | null
  error: { code: string; message: string; nextStep: string } | null
}

/** One line of a run's story; what does not apply is null. */
export type TrainingMetric = {
  sequence: number
  phase: string
  seed: number | null
  step: number | null
  steps: number | null
  /** Nats per token. */
  loss: number | null
  validationLoss: number | null
  tokensPerSecond: number | null
  etaSeconds: number | null
}

export type TrainingEvaluation = {
  cid: string
  heldOut: number
  lossBase: number
  lossAdapter: number
  perplexityBase: number
  perplexityAdapter: number
  contaminatedRecords: number
  samples: { prompt: string; base: string; adapter: string }[]
}

/** As `TrainingInput` of the api. */
export type TrainingInput = {
  name: string
  datanets: readonly string[]
  baseModel?: string
  recipe?: Readonly<Record<string, unknown>>
  licence?: string
  royaltyPpm?: number
  maxSeconds?: number
  maxMemoryMb?: number
}

const METRIC = 'sequence phase seed step steps loss validationLoss tokensPerSecond etaSeconds'
const RUN = `id name kind status jobNumber modelId attempts progress { ${METRIC} } error { code message nextStep }
  evaluation {
    cid heldOut lossBase lossAdapter perplexityBase perplexityAdapter contaminatedRecords samples { prompt base adapter }
  }`

export const TRAINING_OFFER: Query<
  object,
  {
    trainingOffer: {
      kinds: { kind: string; modality: string; recipe: Record<string, unknown> }[]
      weiPerMillionTokens: string
      agent: string | null
      takesRequests: boolean
    }
  }
> = {
  text: `query TrainingOffer {
    trainingOffer { kinds { kind modality recipe } weiPerMillionTokens agent takesRequests }
  }`,
}

export const TRAINING_RUNS: Query<{ first: number }, { trainingRuns: TrainingRunRow[] }> = {
  text: `query TrainingRuns($first: Int!) { trainingRuns(first: $first) { ${RUN} } }`,
}

export const TRAINING_RUN: Query<{ id: string }, { trainingRun: TrainingRunRow | null }> = {
  text: `query TrainingRun($id: ID!) { trainingRun(id: $id) { ${RUN} } }`,
}

export const TRAINING_METRICS: Query<
  { id: string; after: number },
  { trainingRun: { status: TrainingRunRow['status']; metrics: TrainingMetric[] } | null }
> = {
  text: `query TrainingMetrics($id: ID!, $after: Int!) {
    trainingRun(id: $id) { status metrics(after: $after) { ${METRIC} } }
  }`,
}

/** Starts a run without a budget, where the network takes such: on a local chain. */
export const REQUEST_TRAINING: Query<{ input: TrainingInput }, { requestTraining: TrainingRunRow }> = {
  text: `mutation RequestTraining($input: TrainingInput!) { requestTraining(input: $input) { ${RUN} } }`,
}

export const CANCEL_TRAINING: Query<{ id: string }, { cancelTraining: TrainingRunRow }> = {
  text: `mutation CancelTraining($id: ID!) { cancelTraining(id: $id) { ${RUN} } }`,
}

export const RESUME_TRAINING: Query<{ id: string }, { resumeTraining: TrainingRunRow }> = {
  text: `mutation ResumeTraining($id: ID!) { resumeTraining(id: $id) { ${RUN} } }`,
}

export const TRAINING_QUERIES = [
  TRAINING_OFFER,
  TRAINING_RUNS,
  TRAINING_RUN,
  TRAINING_METRICS,
  REQUEST_TRAINING,
  CANCEL_TRAINING,
  RESUME_TRAINING,
]
