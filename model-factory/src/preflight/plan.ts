/** From a request to all that its training needs: everything that can be known before anything is spent. */
import { availableParallelism } from 'node:os'
import type { ClusterRecord } from '@openledger/clusters'
import type { ContentStore } from '@openledger/content-store'
import {
  type BaseModel,
  exampleBatch,
  initialAdapter,
  recordExample,
  type Tokenizer,
  Trainer,
} from '@openledger/language-model'
import { cidOfDigest, type Digest, ModelManifest, OpenLedgerError, parseManifest } from '@openledger/protocol'
import { fetchBaseModel } from '../base-model.ts'
import { predictedTokens } from '../batches.ts'
import { TrainingError } from '../error.ts'
import { type RunSpec, sourcesOf } from '../jobs/run-spec.ts'
import { readRecipe, type TrainingKind } from '../kinds.ts'
import { LICENCE_COMMERCIAL, LICENCE_RECIPROCAL, type Licensed, requireLicences } from '../licence.ts'
import { type RawDatanet, readRawDatanet } from '../read-datanet.ts'
import { loraOf, type Recipe } from '../recipe.ts'
import { splitRecords } from '../split.ts'
import { askSubgraph } from '../subgraph.ts'
import { checkRows, type PreflightCounts, type PreflightRow, type RawRecord } from './preflight.ts'

const PREVIEWED = 3
/** Bases that are looked at for one that fits. */
const NEWEST = 20
const PREVIEW_CHARACTERS = 400

export type Place = { subgraphUrl: string; contentStore: ContentStore }

export type PreflightReport = {
  isReady: boolean
  /** Why it cannot start; none when it is ready. */
  problems: { code: string; message: string; nextStep: string }[]
  kind: string
  recipe: Recipe
  base: { id: `0x${string}`; name: string }
  datanets: { id: `0x${string}`; name: string; version: number; asOfBlock: number; licence: string }[]
  licence: string
  licenceFlags: number
  counts: PreflightCounts
  rows: PreflightRow[]
  /** The first rows as the model reads them. */
  preview: { digest: Digest; text: string; tokens: number }[]
  /** Predicted in one epoch of one seed. */
  tokens: number
  /** Predicted in all epochs of all seeds: what is paid for. */
  allTokens: number
  estimate: { seconds: number; priceWei: string }
}

export type Plan = {
  report: Omit<PreflightReport, 'estimate'>
  kind: TrainingKind
  base: BaseModel & { tokenizer: Tokenizer }
  baseTerms: Licensed & { artefactDigest: Digest }
  datanets: RawDatanet[]
  /** What `train` takes: copies included, for clusters are told from them. */
  records: ClusterRecord[]
}

/**
 * Reads Datanets and base, checks every row, and says what stands in the way.
 *
 * @throws what index and content store throw, and for a recipe, Datanet or base that there is not: where there is nothing to
 *   check
 */
export async function planRun(spec: RunSpec, place: Place): Promise<Plan> {
  const { kind, name, recipe } = readRecipe(spec.recipe)
  const baseRow = await findBase(place, spec.baseModel ?? null)
  const base = await fetchBaseModel(place.contentStore, baseRow.artefactDigest)
  const datanets: RawDatanet[] = []
  for (const { id, asOfBlock } of sourcesOf(spec)) {
    datanets.push(await readRawDatanet(place, id, asOfBlock === undefined ? undefined : { asOfBlock }))
  }
  datanets.sort((a, b) => (a.id < b.id ? -1 : 1))
  const parents = [baseRow, ...datanets]
  const licenceFlags = flagsAfter(parents)
  const licence = spec.licence ?? [...new Set(datanets.map((datanet) => datanet.licence))].join(' AND ')
  const { rows, readable, counts } = checkRows(inChainOrder(datanets), {
    tokenizer: base.tokenizer,
    contextTokens: recipe.contextTokens,
    licence,
    isCommercial: (licenceFlags & LICENCE_COMMERCIAL) !== 0,
  })
  const problems = [
    problemOf(() => requireLicences(parents, licenceFlags)),
    problemOf(() => kind.check(recipe, base.config)),
    problemOf(() => requireRecords(counts, rows)),
  ].filter((problem) => problem !== null)
  const training = trainingRows(rows, recipe)
  const tokens = training.reduce((sum, row) => sum + row.tokens! - 1, 0)
  const texts = new Map(readable.map(({ digest, text }) => [digest, text]))
  return {
    report: {
      isReady: problems.length === 0,
      problems,
      kind: name,
      recipe,
      base: { id: baseRow.id, name: baseRow.name },
      datanets: datanets.map((one) => ({
        id: one.id,
        name: one.name,
        version: one.version,
        asOfBlock: one.asOfBlock,
        licence: one.licence,
      })),
      licence,
      licenceFlags,
      counts,
      rows,
      preview: rows
        .filter(({ verdict }) => verdict !== 'LEFT_OUT')
        .slice(0, PREVIEWED)
        .map(({ digest, tokens: own }) => ({
          digest,
          text: texts.get(digest)!.slice(0, PREVIEW_CHARACTERS),
          tokens: own!,
        })),
      tokens,
      allTokens: tokens * recipe.epochs * recipe.seeds.length,
    },
    kind,
    base,
    baseTerms: baseRow,
    datanets,
    records: readable,
  }
}

/** @throws {TrainingError} `training.not_ready` with the first problem */
export function requireReady({ report: { problems } }: Plan): void {
  const [first] = problems
  if (first === undefined) return
  throw new TrainingError('training.not_ready', first.message, {
    facts: { problem: first.code, problems: problems.length },
    nextStep: first.nextStep,
  })
}

/**
 * How long the training will take on this machine, from one step that is tried: seconds of wall time with its seeds side by
 * side. Nothing that is trained on comes of it.
 */
export async function estimateSeconds({ base, records, report }: Plan): Promise<number> {
  const { recipe, allTokens } = report
  const sequences = records.slice(0, recipe.batchSize).map(({ text }) => recordExample(base.tokenizer, text, recipe))
  const lora = loraOf(recipe)
  const optimiser = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 }
  const trained = { kind: 'lora', weights: base.weights, lora } as const
  const trainer = await Trainer.create(base.config, trained, initialAdapter(base.config, lora, 0), optimiser)
  try {
    const batch = exampleBatch(
      sequences.map((one) => [one]),
      1 / predictedTokens(sequences),
    )
    await trainer.step(batch, 0) // the first one also lays out memory
    const started = performance.now()
    await trainer.step(batch, 0)
    const secondsPerToken = (performance.now() - started) / 1000 / predictedTokens(sequences)
    return (allTokens * secondsPerToken) / Math.min(recipe.seeds.length, availableParallelism())
  } finally {
    await trainer.release()
  }
}

/** Rounded up: a token that is begun is paid for. */
export function priceOf(allTokens: number, weiPerMillionTokens: bigint): bigint {
  return (BigInt(allTokens) * weiPerMillionTokens + 999_999n) / 1_000_000n
}

type BaseRow = Licensed & { name: string; artefactDigest: Digest }

/** The newest base that is a language model when none is named: feature extractors are registered as bases too. */
async function findBase({ contentStore, subgraphUrl }: Place, id: string | null): Promise<BaseRow> {
  const fields = 'id name kind licenceFlags artefactDigest'
  const { models } = await askSubgraph<{ models: (BaseRow & { kind: string })[] }>(
    subgraphUrl,
    id === null
      ? `{ models(first: ${NEWEST}, orderBy: blockNumber, orderDirection: desc, where: {kind: Base}) { ${fields} } }`
      : `query($id: Bytes!) { models(where: {id: $id}) { ${fields} } }`,
    id === null ? {} : { id },
  )
  for (const base of models) {
    if (base.kind === 'Base' && (id !== null || (await isLanguageModel(contentStore, base)))) return base
  }
  throw new TrainingError('training.base_unknown', 'There is no such base model.', {
    facts: { base: id ?? 'any', found: models[0]?.kind ?? 'nothing' },
    nextStep: 'Choose a registered base model: `openledger model list` shows them.',
    retryable: models.length === 0,
  })
}

async function isLanguageModel(contentStore: ContentStore, { artefactDigest }: BaseRow): Promise<boolean> {
  const bytes = await contentStore.get(cidOfDigest(artefactDigest))
  return parseManifest(ModelManifest, bytes, 'model manifest').files['config.json'] !== undefined
}

/** As much as all parents allow; where one asks for its own terms, those. */
function flagsAfter(parents: readonly Licensed[]): number {
  const reciprocal = parents.find(({ licenceFlags }) => (licenceFlags & LICENCE_RECIPROCAL) !== 0)
  return reciprocal?.licenceFlags ?? parents.reduce((flags, parent) => flags & parent.licenceFlags, ~LICENCE_RECIPROCAL)
}

/** Records of several Datanets as one list: what was contributed first is canonical, whatever its Datanet. */
function inChainOrder(datanets: readonly RawDatanet[]): RawRecord[] {
  return datanets
    .flatMap(({ records }) => records)
    .sort((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1] || a.place[2] - b.place[2])
    .map((record, order) => ({ ...record, order }))
}

function trainingRows(rows: readonly PreflightRow[], recipe: Recipe): PreflightRow[] {
  const used = rows.filter(({ verdict }) => verdict !== 'LEFT_OUT')
  if (used.length < 2) return []
  const splits = splitRecords(
    used.map(({ digest }) => digest),
    recipe.validationShare,
  )
  return used.filter((_, i) => splits[i] === 'train')
}

function requireRecords({ records, used, flagged }: PreflightCounts, rows: readonly PreflightRow[]): void {
  if (used + flagged >= 2) return
  const code = records === 0 ? 'training.no_records' : 'training.too_few_records'
  const reason = rows.find(({ verdict }) => verdict === 'LEFT_OUT')?.reasons[0]
  throw new TrainingError(
    code,
    records === 0 ? 'There is nothing to train on.' : 'Training needs two different records.',
    {
      facts: { records, usable: used + flagged, ...(reason === undefined ? {} : { reason }) },
      nextStep: 'Contribute more records that are not copies of one another.',
    },
  )
}

function problemOf(check: () => void): PreflightReport['problems'][number] | null {
  try {
    check()
    return null
  } catch (error) {
    if (!(error instanceof OpenLedgerError)) throw error
    return { code: error.code, message: error.message, nextStep: error.nextStep }
  }
}
