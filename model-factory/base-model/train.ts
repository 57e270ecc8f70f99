/**
 * Trains the base model and writes it to `files/`: `npm run train:base` in the project's root.
 *
 * One thread of ONNX Runtime, a fixed seed and a fixed order: the same installed packages on the same kind of processor
 * give the same bytes. A run that was broken off goes on from its last checkpoint.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  LossMeter,
  type ModelConfig,
  parseModelConfig,
  randomWeights,
  readSafetensors,
  seededRandom,
  storeTensor,
  type TokenBatch,
  Tokenizer,
  Trainer,
  type TrainerState,
  toFloat32,
  toHuggingFaceConfig,
  tokenBatch,
  vectorOfWeights,
  weightsOfVector,
  writeModelWeights,
  writeSafetensors,
} from '@openledger/language-model'
import { type BaseText, corpusDigest, readBaseCorpus } from './corpus.ts'
import { modelCard } from './model-card.ts'
import { trainTokenizer } from './train-tokenizer.ts'

const CONFIG: ModelConfig = {
  hiddenSize: 192,
  layers: 6,
  heads: 6,
  kvHeads: 6,
  headDim: 32,
  intermediateSize: 512,
  vocabSize: 2048,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 256,
}

const RECIPE = {
  seed: 1,
  steps: 3600,
  /** Short windows first, as they cost less per token; then the whole context. */
  phases: [
    { untilStep: 2900, rows: 8, tokens: 128 },
    { untilStep: 3600, rows: 4, tokens: 256 },
  ],
  peakLearningRate: 2.5e-3,
  warmupSteps: 100,
  optimiser: { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, maxGradientNorm: 1 },
  /** One document in so many is kept for validation. */
  validationEvery: 50,
  checkpointEvery: 200,
}

const ROOT = join(import.meta.dirname, '../..')
const FILES = join(import.meta.dirname, 'files')
const CHECKPOINT = join(ROOT, '.openledger/base-model/checkpoint.safetensors')

const started = performance.now()
const texts = readBaseCorpus(join(ROOT, 'node_modules'))
const digest = corpusDigest(texts)
mkdirSync(FILES, { recursive: true })
trainTokenizer(
  texts.map(({ text }) => text),
  CONFIG.vocabSize,
  FILES,
)
const tokenizer = Tokenizer.parse(readJson('tokenizer.json'), readJson('tokenizer_config.json'))
const isValidation = (index: number) => index % RECIPE.validationEvery === 0
const training = tokenStream(texts.filter((_, i) => !isValidation(i)))
const validation = tokenStream(texts.filter((_, i) => isValidation(i)))
log(`${texts.length} documents, ${training.length} tokens to train on, ${validation.length} to validate`)

writeJson('config.json', toHuggingFaceConfig(CONFIG, tokenizer))
writeJson('generation_config.json', { bos_token_id: tokenizer.bosId, eos_token_id: tokenizer.eosId, do_sample: false })
parseModelConfig(readJson('config.json'))

const initial = vectorOfWeights(CONFIG, randomWeights(CONFIG, RECIPE.seed))
const trainer = await Trainer.create(CONFIG, { kind: 'full' }, initial, RECIPE.optimiser)
const meter = await LossMeter.create(CONFIG, { kind: 'full' })
const resumed = readCheckpoint()
if (resumed !== undefined) {
  trainer.restore(resumed)
  log(`goes on after step ${resumed.steps}`)
}

let trainLoss = Number.NaN
for (let step = trainer.state.steps; step < RECIPE.steps; step++) {
  const phase = RECIPE.phases.find(({ untilStep }) => step < untilStep)!
  const { loss, gradientNorm } = await trainer.step(trainingBatch(step, phase.rows, phase.tokens), learningRate(step))
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
    throw new Error(`the loss is not a number at step ${step}`)
  trainLoss = Number.isNaN(trainLoss) ? loss : 0.98 * trainLoss + 0.02 * loss
  if ((step + 1) % 50 === 0) {
    const seconds = (performance.now() - started) / 1000
    log(`step ${step + 1}/${RECIPE.steps}  training loss ${trainLoss.toFixed(3)}  ${seconds.toFixed(0)} s`)
  }
  if ((step + 1) % RECIPE.checkpointEvery === 0) {
    writeCheckpoint(trainer.state)
    writeWeights(trainer.parameters)
    log(`step ${step + 1}  validation loss ${(await validationLoss(24)).toFixed(3)}`)
  }
}

writeWeights(trainer.parameters)
const loss = await validationLoss(200)
log(`final validation loss ${loss.toFixed(4)}`)
writeFileSync(
  join(FILES, 'README.md'),
  modelCard({
    config: CONFIG,
    recipe: RECIPE,
    texts,
    corpusDigest: digest,
    trainingTokens: training.length,
    validationTokens: validation.length,
    validationLoss: loss,
    bytesPerToken: bytesPerToken(),
  }),
)
rmSync(CHECKPOINT, { force: true })

/** All documents one after the other, each after an end of text. */
function tokenStream(documents: readonly BaseText[]): Int32Array {
  const ids: number[] = []
  for (const { text } of documents) {
    ids.push(tokenizer.bosId)
    for (const id of tokenizer.encode(text)) ids.push(id)
  }
  ids.push(tokenizer.eosId)
  return Int32Array.from(ids)
}

/** Windows at random places; the step alone decides which, so that a resumed run sees the same. */
function trainingBatch(step: number, rows: number, tokens: number): TokenBatch {
  const random = seededRandom(RECIPE.seed * 1_000_003 + step)
  const windows = Array.from({ length: rows }, () =>
    window(training, random.below(training.length - tokens - 1), tokens),
  )
  return tokenBatch(windows, (predicted) => 1 / (predicted * rows))
}

function window(stream: Int32Array, start: number, tokens: number): number[] {
  return [...stream.subarray(start, start + tokens + 1)]
}

/** Rises over the warm-up, then falls along a cosine to a twentieth of the peak. */
function learningRate(step: number): number {
  const { peakLearningRate, steps, warmupSteps } = RECIPE
  if (step < warmupSteps) return (peakLearningRate * (step + 1)) / warmupSteps
  const progress = (step - warmupSteps) / (steps - warmupSteps)
  return peakLearningRate * (0.05 + 0.95 * 0.5 * (1 + Math.cos(Math.PI * progress)))
}

/** Mean nats per token over windows spread evenly over the validation documents. */
async function validationLoss(windows: number): Promise<number> {
  const tokens = CONFIG.maxPositions
  let sum = 0
  for (let i = 0; i < windows; i++) {
    const start = Math.floor((i * (validation.length - tokens - 1)) / windows)
    const batch = tokenBatch([window(validation, start, tokens)], (predicted) => 1 / predicted)
    sum += (await meter.losses(trainer.parameters, batch))[0]!
  }
  return sum / windows
}

function bytesPerToken(): number {
  const held = texts.filter((_, i) => isValidation(i))
  return held.reduce((bytes, { text }) => bytes + Buffer.byteLength(text), 0) / validation.length
}

function writeWeights(parameters: Float32Array): void {
  writeWhole(join(FILES, 'model.safetensors'), writeModelWeights(CONFIG, weightsOfVector(CONFIG, parameters), 'F16'))
}

function writeCheckpoint({ parameters, firstMoment, secondMoment, steps }: TrainerState): void {
  const vector = (values: Float32Array) => storeTensor(values, [values.length], 'F32')
  const tensors = {
    parameters: vector(parameters),
    firstMoment: vector(firstMoment),
    secondMoment: vector(secondMoment),
  }
  mkdirSync(join(CHECKPOINT, '..'), { recursive: true })
  writeWhole(CHECKPOINT, writeSafetensors(new Map(Object.entries(tensors)), { corpus: digest, steps: String(steps) }))
}

/** The state of an earlier run on the same corpus. */
function readCheckpoint(): TrainerState | undefined {
  if (!existsSync(CHECKPOINT)) return undefined
  const { tensors, metadata } = readSafetensors(readFileSync(CHECKPOINT))
  if (metadata.corpus !== digest) return undefined
  const vector = (name: string) => toFloat32(tensors.get(name)!)
  return {
    parameters: vector('parameters'),
    firstMoment: vector('firstMoment'),
    secondMoment: vector('secondMoment'),
    steps: Number(metadata.steps),
  }
}

/** Another process never reads half a file. */
function writeWhole(path: string, bytes: Uint8Array): void {
  writeFileSync(`${path}.new`, bytes)
  renameSync(`${path}.new`, path)
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(FILES, file), 'utf8'))
}

function writeJson(file: string, content: unknown): void {
  writeFileSync(join(FILES, file), `${JSON.stringify(content, null, 2)}\n`)
}

function log(message: string): void {
  process.stderr.write(`${message}\n`)
}
