import { OpenLedgerError, orderRecipe } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { pageOf } from '../lists/page-of.ts'
import { type PreparedCall, prepareApproval, prepareCall } from '../prepare/prepared-call.ts'
import { requireAccount } from '../session/require-account.ts'
import { unreachable } from '../sources/content.ts'
import { CONTRIBUTION, MODEL, TRAINING_JOB, type TrainingJobRow } from '../sources/entities.ts'
import type { SubscriptionContext } from '../subscriptions/context.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "What the factory of this api trains, and for how much."
    trainingOffer: TrainingOffer!
    "What would be trained on, row by row with reasons, how long it would take and what it would cost. Nothing is spent."
    trainingPreflight(input: TrainingInput!): TrainingPreflight!
    "A run of the factory of this api; null when there is no such one."
    trainingRun(id: ID!): TrainingRun
    "Newest first."
    trainingRuns(
      status: TrainingRunStatus
      "1 to 100."
      first: Int! = 20
    ): [TrainingRun!]!
  }

  extend type Mutation {
    "Starts a run without a budget: on a local chain only; elsewhere \`prepareTrainingOrder\` orders one."
    requestTraining(input: TrainingInput!): TrainingRun!
    "Writes the recipe into the content store and prepares the order whose budget goes into escrow. Signed in only, where uploads are."
    prepareTrainingOrder(input: TrainingInput!, terms: TrainingTermsInput!): PreparedTrainingOrder!
    "Ends a run that waits or trains; nothing is registered. On a local chain only."
    cancelTraining(id: ID!): TrainingRun!
    "A run that failed or was cancelled goes on from its checkpoint. On a local chain only."
    resumeTraining(id: ID!): TrainingRun!
  }

  extend type Subscription {
    "All that a run has told and tells, oldest first, until it ends."
    trainingProgress(
      id: ID!
      "Only what came after this \`sequence\`."
      after: Int! = 0
    ): TrainingProgress!
  }

  extend type TrainingJob {
    "The run of this api's factory that fulfils it; null when another trainer took it, or nobody yet."
    run: TrainingRun
  }

  "An object of fields whose names depend on its kind."
  scalar JSON

  "What is to be trained."
  input TrainingInput {
    "Of the model; at most 128 characters."
    name: String!
    "1 to 32 ids, each as it is indexed now."
    datanets: [Bytes32!]!
    "Base model to adapt; the newest that fits the recipe's kind when left out."
    baseModel: Bytes32
    "\`kind\` and the fields that differ from that kind's default, as \`trainingOffer\` shows them."
    recipe: JSON
    "SPDX expression of the model; those of its Datanets when left out."
    licence: String
    "What the model asks of derived works' income, in parts per million."
    royaltyPpm: Int
    "Longest time of one attempt, in seconds."
    maxSeconds: Int
    "Most memory of each process, in MiB."
    maxMemoryMb: Int
  }

  "What an order of training offers and asks."
  input TrainingTermsInput {
    "Paid to the trainer for a delivery, in wei of OPEN."
    budgetWei: BigInt!
    "Stake that the trainer's agent must have, in wei of OPEN."
    minStakeWei: BigInt! = "0"
    "What the trainer loses at most for not delivering, in wei of OPEN."
    penaltyWei: BigInt! = "0"
    "Unix seconds until which it must be delivered."
    deadline: BigInt!
    "Seconds for which you may dispute what was delivered; an hour to 30 days."
    reviewSeconds: Int! = 86400
    "Who owns the model when it is delivered."
    modelOwner: JobModelOwner! = Requester
  }

  "An order of training that is yet to be signed and sent."
  type PreparedTrainingOrder {
    "CID of the recipe."
    recipeCid: String!
    "What the order carries of it."
    recipeDigest: Bytes32!
    "For the requester to send; what comes before it lets the budget be taken."
    call: PreparedCall!
  }

  "What a factory trains."
  type TrainingOffer {
    kinds: [TrainingKind!]!
    "What a million trained tokens, or examples of a head, cost, in wei of OPEN."
    weiPerMillionTokens: BigInt!
    "The agent that takes up its orders; null while it takes up none."
    agent: BigInt
    "Whether it starts runs without a budget."
    takesRequests: Boolean!
  }

  "A way to train."
  type TrainingKind {
    kind: String!
    "text, image or audio."
    modality: String!
    "Its default recipe."
    recipe: JSON!
  }

  enum PreflightVerdict {
    USED
    LEFT_OUT
    FLAGGED
  }

  "What is known before anything is spent."
  type TrainingPreflight {
    isReady: Boolean!
    "Why it cannot start; none when it is ready."
    problems: [PreflightProblem!]!
    counts: PreflightCounts!
    rows(
      only: PreflightVerdict
      "Rows to skip."
      skip: Int! = 0
      "1 to 1,000."
      first: Int! = 100
    ): [PreflightRow!]!
    "The first rows as the model reads them."
    preview: [MappedRow!]!
    "The whole recipe, defaults filled in."
    recipe: JSON!
    "SPDX expression that the model would have."
    licence: String!
    "Predicted in one epoch of one seed; for a head, its examples."
    tokens: Int!
    estimate: TrainingEstimate!
  }

  type PreflightProblem {
    code: String!
    message: String!
    nextStep: String!
  }

  "How many records, by what becomes of them."
  type PreflightCounts {
    "All."
    records: Int!
    "Trained on or held out, without remark."
    used: Int!
    "Not trained on: each row says why."
    leftOut: Int!
    "Trained on or held out, and worth a look: each row says why."
    flagged: Int!
    "Of those left out, exact copies."
    exactCopies: Int!
    "Of those left out, near copies."
    nearCopies: Int!
  }

  type PreflightRow {
    digest: Bytes32!
    datanet: Bytes32!
    contributor: Address!
    verdict: PreflightVerdict!
    "Why; none for a row that is used without remark."
    reasons: [String!]!
    "The record that stands for all that say the same; null for a row that is not read."
    cluster: Bytes32
    "As the model reads it; null for a row that is not read."
    tokens: Int
    "ISO 639-3; null where it cannot be told."
    language: String
  }

  type MappedRow {
    digest: Bytes32!
    text: String!
    "As the model reads it."
    tokens: Int!
  }

  "From one step that was tried on this machine."
  type TrainingEstimate {
    "Of training alone, with nothing else to do."
    seconds: Int!
    "Of all epochs of all seeds, in wei of OPEN."
    priceWei: BigInt!
  }

  "Done: evaluated and registered. A run that failed or was cancelled registered nothing."
  enum TrainingRunStatus {
    QUEUED
    RUNNING
    REGISTERING
    DONE
    FAILED
    CANCELLED
  }

  "A training inside the factory."
  type TrainingRun {
    id: ID!
    "Of the model."
    name: String!
    kind: String!
    status: TrainingRunStatus!
    "The order that it fulfils; null for one without a budget."
    job: TrainingJob
    "Number of that order on chain; null for one without a budget."
    jobNumber: BigInt
    "Null until it is registered and indexed."
    model: Model
    "Null until it is registered."
    modelId: Bytes32
    "The newest."
    progress: TrainingProgress!
    "Oldest first."
    metrics(
      "Only what came after this \`sequence\`."
      after: Int! = 0
      "1 to 1,000."
      first: Int! = 500
    ): [TrainingProgress!]!
    "Null until it is trained."
    evaluation: TrainingEvaluation
    "Why it failed; null unless it did."
    error: TrainingFault
    "More than 1: it was cut off, and went on."
    attempts: Int!
    "Unix milliseconds."
    createdAtMs: BigInt!
    "Unix milliseconds; null before."
    finishedAtMs: BigInt
  }

  "One line of a run's story; what does not apply is null."
  type TrainingProgress {
    run: ID!
    "From 1, in order."
    sequence: Int!
    "Unix milliseconds."
    atMs: BigInt!
    "queued, reading, training, stored, evaluating, registering; done, failed, cancelled."
    phase: String!
    "The training seed that this is about."
    seed: Int
    "Steps done of this seed."
    step: Int
    "Steps of this seed in all."
    steps: Int
    "Of the step's batch, in nats per token."
    loss: Float
    "Of all held-out records, in nats per token."
    validationLoss: Float
    "Of all seeds together, since this attempt began."
    tokensPerSecond: Float
    "Seconds until all seeds are trained."
    etaSeconds: Float
  }

  type TrainingFault {
    code: String!
    message: String!
    nextStep: String!
  }

  "Model against base on the records that were held out."
  type TrainingEvaluation {
    "CID of the report."
    cid: String!
    "Held-out records."
    heldOut: Int!
    "In nats per token; of a head, per record, and its base is one that guesses by frequency."
    lossBase: Float!
    "In nats per token; of a head, per record."
    lossAdapter: Float!
    "e to the loss."
    perplexityBase: Float!
    "e to the loss."
    perplexityAdapter: Float!
    "Held-out records that share thirteen words in a row with what was trained on."
    contaminatedRecords: Int!
    samples: [EvaluationSample!]!
  }

  "What base and model say after the same words."
  type EvaluationSample {
    prompt: String!
    base: String!
    adapter: String!
  }
`

type Input = Record<string, unknown> & { name: string; datanets: string[] }

type Progress = Record<string, unknown> & { sequence: number; phase: string }

type Run = {
  id: string
  status: string
  jobNumber: string | null
  modelId: string | null
}

type Preflight = { rows: { verdict: string }[] }

type Terms = {
  budgetWei: string
  minStakeWei: string
  penaltyWei: string
  deadline: string
  reviewSeconds: number
  modelOwner: 'Requester' | 'Trainer'
}

const MODEL_OWNERS = ['Requester', 'Trainer']
const ENDED = new Set(['done', 'failed', 'cancelled'])
/** How often the factory is asked for each subscriber. */
const POLL_MS = 1_000
const MAX_ROWS = 1_000

/** Without nulls: for the factory a field that is left out has its default. */
function specOf(input: Input): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value != null))
}

function pathOf(id: string, verb = ''): string {
  return `/runs/${encodeURIComponent(id.slice(0, 60))}${verb}`
}

/** @throws training.needs_budget: who may spend this machine's time is decided by whoever runs it */
function requireOpen({ uploads }: ApiContext): void {
  if (uploads === 'open') return
  throw new OpenLedgerError('training.needs_budget', 'Training without a budget is for local chains.', {
    facts: { status: 403 },
    nextStep: 'Order it on chain: `prepareTrainingOrder` prepares the order.',
  })
}

async function prepareJob(
  { input, terms }: { input: Input; terms: Terms },
  context: ApiContext,
): Promise<{ recipeCid: string; recipeDigest: string; call: PreparedCall }> {
  requireAccount(context)
  const { deployment, scope, store } = context
  const { name, licence, royaltyPpm, recipe } = specOf(input) as Partial<Record<string, never>>
  const { digest, manifest } = orderRecipe({
    name: name!,
    recipe: recipe ?? {},
    ...(licence === undefined ? {} : { licence }),
    ...(royaltyPpm === undefined ? {} : { royaltyPpm }),
  })
  const sources = await Promise.all(input.datanets.toSorted().map((id) => sourceOf(id, context)))
  if (typeof input.baseModel !== 'string') {
    throw new OpenLedgerError('training.base_unknown', 'An order names its base model.', {
      nextStep: 'Give `baseModel`: `models(where: {kind: Base})` lists them.',
    })
  }
  const recipeCid = await scope.ask('content', unreachable, () => store.putJson(manifest))
  const onChain = {
    baseModelId: input.baseModel,
    sources,
    recipeDigest: digest,
    budgetWei: terms.budgetWei,
    minStakeWei: terms.minStakeWei,
    penaltyWei: terms.penaltyWei,
    deadline: terms.deadline,
    reviewTime: terms.reviewSeconds,
    modelOwner: MODEL_OWNERS.indexOf(terms.modelOwner),
  }
  const description = `Orders the training of "${name}" and puts ${terms.budgetWei} wei of OPEN into escrow.`
  const before = prepareApproval(deployment, 'TrainingJobs', BigInt(terms.budgetWei))
  const call = prepareCall(deployment, 'TrainingJobs', 'request', [onChain], description, before)
  return { recipeCid, recipeDigest: digest, call }
}

/** A Datanet as of its last contribution. */
async function sourceOf(
  datanetId: string,
  { subgraph }: ApiContext,
): Promise<{ datanetId: string; asOfBlock: string }> {
  const page = { first: 1, orderBy: 'blockNumber', orderDirection: 'desc' } as const
  const { nodes } = await pageOf<{ id: string; blockNumber: string }>(subgraph, CONTRIBUTION, page, {
    datanet: datanetId,
  })
  if (nodes[0] !== undefined) return { datanetId, asOfBlock: nodes[0].blockNumber }
  throw new OpenLedgerError('training.no_records', 'There is nothing to train on.', {
    facts: { datanet: datanetId },
    nextStep: 'Contribute records to the Datanet first.',
  })
}

/** Asks again and again: each question has a query's time, the subscription has none. */
async function* follow(
  id: string,
  after: number,
  context: SubscriptionContext,
): AsyncGenerator<{ trainingProgress: Progress }> {
  let last = after
  while (!context.signal.aborted) {
    const { factory } = context.at(null)
    const told = await factory.get<{ metrics: Progress[] }>(pathOf(id, `/metrics?after=${last}&first=500`))
    if (told === null) throw unknownRun(id)
    for (const progress of told.metrics) {
      last = progress.sequence
      yield { trainingProgress: progress }
    }
    if (told.metrics.length === 0) {
      const run = await factory.get<Run>(pathOf(id))
      if (run === null || ENDED.has(run.status.toLowerCase())) return
      await new Promise((done) => setTimeout(done, POLL_MS))
    }
  }
}

function unknownRun(id: string): OpenLedgerError {
  return new OpenLedgerError('training.run_unknown', 'There is no such training run.', {
    facts: { run: id.slice(0, 60) },
    nextStep: '`trainingRuns` lists all of them.',
  })
}

export const resolvers = {
  Query: {
    trainingOffer: async (_: unknown, __: unknown, { factory, uploads }: ApiContext) => ({
      ...(await factory.get<object>('/offer')),
      takesRequests: uploads === 'open',
    }),
    trainingPreflight: (_: unknown, { input }: { input: Input }, { factory }: ApiContext) =>
      factory.preflight<Preflight>(specOf(input)),
    trainingRun: (_: unknown, { id }: { id: string }, { factory }: ApiContext) => factory.get<Run>(pathOf(id)),
    trainingRuns: async (
      _: unknown,
      { first, status }: { first: number; status?: string | null },
      { factory }: ApiContext,
    ) => {
      const asked = new URLSearchParams({ first: String(first), ...(status == null ? {} : { status }) })
      return (await factory.get<{ runs: Run[] }>(`/runs?${asked}`))!.runs
    },
  },
  Mutation: {
    requestTraining: (_: unknown, { input }: { input: Input }, context: ApiContext) => {
      requireOpen(context)
      return context.factory.post<Run>('/runs', specOf(input))
    },
    prepareTrainingOrder: (_: unknown, given: { input: Input; terms: Terms }, context: ApiContext) =>
      prepareJob(given, context),
    cancelTraining: (_: unknown, { id }: { id: string }, context: ApiContext) => {
      requireOpen(context)
      return context.factory.post<Run>(pathOf(id, '/cancel'))
    },
    resumeTraining: (_: unknown, { id }: { id: string }, context: ApiContext) => {
      requireOpen(context)
      return context.factory.post<Run>(pathOf(id, '/resume'))
    },
  },
  Subscription: {
    trainingProgress: {
      subscribe: (_: unknown, { after, id }: { after: number; id: string }, context: SubscriptionContext) =>
        follow(id, after, context),
    },
  },
  TrainingJob: {
    run: async ({ number }: TrainingJobRow & { number: string }, _: unknown, { factory }: ApiContext) =>
      (await factory.get<{ runs: Run[] }>(`/runs?job=${number}&first=1`))?.runs[0] ?? null,
  },
  TrainingPreflight: {
    rows: ({ rows }: Preflight, { first, only, skip }: { first: number; only?: string | null; skip: number }) =>
      rows.filter(({ verdict }) => only == null || verdict === only).slice(skip, skip + Math.min(first, MAX_ROWS)),
  },
  TrainingRun: {
    job: async ({ jobNumber }: Run, _: unknown, { subgraph }: ApiContext) => {
      if (jobNumber === null) return null
      const page = { first: 1, orderBy: 'id', orderDirection: 'asc' } as const
      return (await pageOf<TrainingJobRow>(subgraph, TRAINING_JOB, page, { number: jobNumber })).nodes[0] ?? null
    },
    model: ({ modelId }: Run, _: unknown, { rows }: ApiContext) => modelId && rows.load(MODEL, modelId),
    metrics: async ({ id }: Run, { after, first }: { after: number; first: number }, { factory }: ApiContext) =>
      (await factory.get<{ metrics: Progress[] }>(pathOf(id, `/metrics?after=${after}&first=${first}`)))?.metrics ?? [],
  },
}
