/**
 * The graphs that learn: the decoder with its loss, its gradient and, for a training step, the optimiser, all in one.
 *
 * What is trained is one vector, cut up inside the graph; so its gradient, its moments and its checkpoints are one
 * vector each. Four things can be trained:
 *
 *   full  all weights of the model                                          parameters [P], gradient [P]
 *   lora  one adapter on a frozen base                                      parameters [P], gradient [P]
 *   rows  the same adapter, but each row of the batch has a copy of its own parameters [P], gradient [B, P]
 *   tenants  N adapters of one shape, each on its own N-th of the batch     parameters [N, P], gradient [N, P]
 *
 * The gradient of `rows` is each record's own gradient, at the price of the mean one: the deltas are applied by batched
 * products as in serving, and the gradient of a copy is the gradient by its row.
 */
import { type AdamWOptions, adamW } from '../autodiff/adamw.ts'
import * as operators from '../autodiff/operators.ts'
import { Tape, type Variable } from '../autodiff/tape.ts'
import type { ModelConfig } from '../config.ts'
import { type LoraConfig, loraParameters, loraScale } from '../lora.ts'
import type { Dim, ValueName } from '../onnx/graph.ts'
import {
  biasName,
  EMBEDDING,
  elementCount,
  HEAD,
  type ModelWeights,
  modelParameters,
  projectionName,
  weightOf,
} from '../weights.ts'
import { decoder } from './decoder.ts'
import { rotaryTables } from './rotary.ts'

/** A score so low that its weight after softmax is exactly 0. */
const MASKED = -1e9

export type Trained =
  | { kind: 'full' }
  | ({ kind: 'lora'; weights: ModelWeights; lora: LoraConfig } & LoraOptions)
  | { kind: 'rows'; weights: ModelWeights; lora: LoraConfig }
  | { kind: 'tenants'; weights: ModelWeights; lora: LoraConfig; tenants: number }

export type LoraOptions = {
  /** Each run says which inputs of each delta count: a float input `keep.<layer>.<projection>` [B, T, in]. */
  hasDropout?: boolean
  /** Several sequences to a row, that do not see each other: an int32 input `segments` [B, T]. */
  isPacked?: boolean
  /** Bits of the base's projections. */
  baseBits?: 8 | 32
}

/**
 * What a graph computes beside `losses [B]`:
 * `step`: the parameters and moments after one AdamW step; `gradient`; `probabilities [B, T, vocab]`; or nothing more.
 */
export type TrainingGoal =
  | { kind: 'step'; optimiser: AdamWOptions }
  | { kind: 'gradient' }
  | { kind: 'probabilities' }
  | { kind: 'losses' }

/**
 * Inputs of every training graph: `parameters [P]`, `ids` and `targets` (int32 `[B, T]`), `weights [B, T]`.
 * A step adds `first_moment`, `second_moment` `[P]`, `learning_rate`, `first_correction`, `second_correction` `[]`, and
 * returns `next_parameters`, `next_first_moment`, `next_second_moment`, `gradient_norm`. With tenants, vectors are `[N, P]`
 * and a step's scalars `[N, 1]`; the batch's first rows are the first tenant's, and N divides their number.
 */
export function buildTrainingGraph(config: ModelConfig, trained: Trained, goal: TrainingGoal): Uint8Array {
  const tape = new Tape()
  const { graph } = tape
  const ids = graph.input('ids', 'int32', ['B', 'T'])
  const targets = graph.input('targets', 'int32', ['B', 'T'])
  const weights = tape.input('weights', ['B', 'T'])
  const vector = tape.input('parameters', [...tenantsOf(trained), trainedLength(config, trained)])
  const pieces = cutParameters(tape, config, trained, vector, ids)

  const logits = recordDecoder(tape, config, trained, pieces, ids)
  const losses = operators.tokenLosses(tape, logits, targets, weights)
  graph.output('losses', losses.name, 'float32', ['B'])
  if (goal.kind === 'losses') return graph.build()
  if (goal.kind === 'probabilities') {
    const probabilities = graph.op('Softmax', [logits.name], { axis: -1 })
    graph.output('probabilities', probabilities, 'float32', ['B', 'T', config.vocabSize])
    return graph.build()
  }

  const ones = graph.op('Add', [graph.op('Mul', [losses.name, tape.scalar(0).name]), tape.scalar(1).name])
  const gradients = tape.gradients(losses, tape.value(ones, ['B']), [...pieces.values()])
  const gradient = joinGradients(tape, trained, gradients, vector)
  if (goal.kind === 'gradient') {
    graph.output('gradient', gradient.name, 'float32', gradient.shape)
    return graph.build()
  }
  outputStep(tape, config, trained, { parameters: vector, gradient, optimiser: goal.optimiser })
  return graph.build()
}

/** P: the number of parameters that are trained. */
export function trainedLength(config: ModelConfig, trained: Trained): number {
  return trainedShapes(config, trained).reduce((sum, { shape }) => sum + elementCount(shape), 0)
}

/** The axis that all vectors have before their own when several adapters are trained. */
function tenantsOf(trained: Trained): number[] {
  return trained.kind === 'tenants' ? [trained.tenants] : []
}

/** What a batch says beside its tokens when adapters are trained with dropout. */
export function dropoutInputs(config: ModelConfig, lora: LoraConfig): { name: string; width: number }[] {
  return loraParameters(config, lora)
    .filter(({ matrix }) => matrix === 'A')
    .map(({ layer, projection, shape }) => ({ name: `keep.${layer}.${projection}`, width: shape[0] }))
}

/** Names and shapes of what is trained, in the order of the vector. */
function trainedShapes(config: ModelConfig, trained: Trained): { name: string; shape: readonly number[] }[] {
  if (trained.kind === 'full') return modelParameters(config)
  return loraParameters(config, trained.lora).map(({ layer, projection, matrix, shape }) => ({
    name: `lora_${matrix}.${layer}.${projection}`,
    shape,
  }))
}

/** Cuts the vector into its matrices; in `rows`, each gets a leading axis of B equal copies. */
function cutParameters(tape: Tape, config: ModelConfig, trained: Trained, vector: Variable, ids: ValueName) {
  const { graph } = tape
  const shapes = trainedShapes(config, trained)
  const lengths = shapes.map(({ shape }) => elementCount(shape))
  const sizes = graph.constant('int64', [lengths.length], lengths)
  const perRow: Dim[] = trained.kind === 'rows' ? ['B'] : tenantsOf(trained)
  let source = vector.name
  if (trained.kind === 'rows') {
    const rows = graph.op('Slice', [
      graph.op('Shape', [ids]),
      ...[0, 1].map((at) => graph.constant('int64', [1], [at])),
    ])
    const width = graph.constant('int64', [1], [vector.shape[0] as number])
    source = graph.op('Expand', [source, graph.op('Concat', [rows, width], { axis: 0 })])
  }
  const parts = graph.ops('Split', shapes.length, [source, sizes], { axis: -1 })
  const pieces = new Map<string, Variable>()
  shapes.forEach(({ name, shape }, i) => {
    const dims = [...perRow.map(() => 0), ...shape]
    const matrix = graph.op('Reshape', [parts[i]!, graph.constant('int64', [dims.length], dims)])
    pieces.set(name, tape.parameter(matrix, [...perRow, ...shape]))
  })
  return pieces
}

function joinGradients(tape: Tape, trained: Trained, gradients: Variable[], vector: Variable): Variable {
  const { graph } = tape
  const isMany = trained.kind === 'rows' || trained.kind === 'tenants'
  const dims = isMany ? [0, -1] : [-1]
  const flat = gradients.map(({ name }) => graph.op('Reshape', [name, graph.constant('int64', [dims.length], dims)]))
  const shape = trained.kind === 'rows' ? ['B', ...vector.shape] : vector.shape
  return tape.value(graph.op('Concat', flat, { axis: -1 }), shape)
}

function recordDecoder(
  tape: Tape,
  config: ModelConfig,
  trained: Trained,
  pieces: ReadonlyMap<string, Variable>,
  ids: ValueName,
): Variable {
  const { heads, kvHeads, headDim } = config
  const options: LoraOptions = trained.kind === 'lora' ? trained : {}
  const shapes = new Map(modelParameters(config).map(({ name, shape }) => [name, shape]))
  const weight = (name: string) => {
    if (trained.kind === 'full') return pieces.get(name)!
    const shape = shapes.get(name)!
    const values = () => weightOf(trained.weights, name)
    const isPacked = options.baseBits === 8 && name.endsWith('_proj.weight')
    return isPacked ? tape.quantisedWeights(name, shape as [number, number], values) : tape.weights(name, shape, values)
  }
  const { rotation, causalBias, windowBias } = sequenceLayout(tape, config, ids, options.isPacked ?? false)
  /** [B, T, kvHeads · n · headDim] → [B, kvHeads, n, T, headDim] */
  const byHead = (x: Variable, n: number) =>
    operators.transpose(tape, operators.reshape(tape, x, ['B', 'T', kvHeads, n, headDim]), [0, 2, 3, 1, 4])

  return decoder<Variable>(config, {
    embed: () => operators.embed(tape, weight(EMBEDDING), ids),
    normalise: (x, gain) => operators.rmsNorm(tape, x, weight(gain), config.rmsNormEps),
    normaliseHeads: (x, gain) => {
      const [B, T, width] = x.shape as [Dim, Dim, number]
      const perHead = operators.reshape(tape, x, [B, T, width / headDim, headDim])
      return operators.reshape(tape, operators.rmsNorm(tape, perHead, weight(gain), config.rmsNormEps), x.shape)
    },
    project: (x, layer, projection) => {
      const product = operators.matmul(tape, x, weight(projectionName(layer, projection)), { transposeB: true })
      const isBiased = config.biases?.includes(projection)
      const y = isBiased ? operators.add(tape, product, weight(biasName(layer, projection))) : product
      const a = pieces.get(`lora_A.${layer}.${projection}`)
      const b = pieces.get(`lora_B.${layer}.${projection}`)
      if (trained.kind === 'full' || a === undefined || b === undefined) return y
      const scale = loraScale(trained.lora)
      const delta = (input: Variable) => operators.matmul(tape, operators.matmul(tape, input, a), b, { scale })
      if (trained.kind === 'tenants') {
        const ofTenants = delta(operators.groupRows(tape, x, trained.tenants))
        return operators.add(tape, y, operators.ungroupRows(tape, ofTenants, y))
      }
      if (options.hasDropout !== true) return operators.add(tape, y, delta(x))
      const keep = tape.input(`keep.${layer}.${projection}`, ['B', 'T', x.shape.at(-1)!])
      return operators.add(tape, y, delta(operators.mask(tape, x, keep)))
    },
    attend: (queries, keys, values, { isRotated, window }) => {
      const turned = (x: Variable) => (isRotated ? operators.rotate(tape, x, rotation) : x)
      const q = byHead(turned(queries), heads / kvHeads)
      const k = byHead(turned(keys), 1)
      const v = byHead(values, 1)
      const scores = operators.matmul(tape, q, k, { transposeB: true, scale: headDim ** -0.5 })
      const attention = operators.softmax(tape, operators.add(tape, scores, window ? windowBias(window) : causalBias))
      const mixed = operators.transpose(tape, operators.matmul(tape, attention, v), [0, 3, 1, 2, 4])
      return operators.reshape(tape, mixed, ['B', 'T', heads * headDim])
    },
    gate: (gate, up) => operators.gatedUnit(tape, gate, up),
    add: (a, b) => operators.add(tape, a, b),
    unembed: (x) => {
      const head = config.tieWordEmbeddings ? weight(EMBEDDING) : weight(HEAD)
      return operators.matmul(tape, x, head, { transposeB: true })
    },
  })
}

/**
 * What follows from the batch's layout alone: positions with their rotations, and the causal bias: `[T, T]`, or
 * `[B, 1, 1, T, T]` where rows are packed. Positions run on through a packed row: rotations count differences only.
 */
function sequenceLayout(tape: Tape, config: ModelConfig, ids: ValueName, isPacked: boolean) {
  const { graph } = tape
  const at = (index: number) => graph.constant('int64', [1], [index])
  const shape = graph.op('Shape', [ids])
  const tokens = graph.op('Squeeze', [graph.op('Slice', [shape, at(1), at(2)]), at(0)])
  const index = graph.op('Range', [graph.constant('int64', [], [0]), tokens, graph.constant('int64', [], [1])])
  const isBefore = graph.op('LessOrEqual', [index, graph.op('Unsqueeze', [index, at(1)])])
  const allowed = isPacked ? graph.op('And', [isBefore, isSameSegment(tape)]) : isBefore
  const biasShape: Dim[] = isPacked ? ['B', 1, 1, 'T', 'T'] : ['T', 'T']
  const bias = graph.op('Where', [allowed, tape.scalar(0).name, tape.scalar(MASKED).name])

  const windowed = new Map<number, Variable>()
  /** The causal bias, and what lies `window` tokens back or further left out as well. */
  const windowBias = (window: number) => {
    const known = windowed.get(window)
    if (known !== undefined) return known
    const distance = graph.op('Sub', [graph.op('Unsqueeze', [index, at(1)]), index])
    const isNear = graph.op('Less', [distance, graph.constant('int64', [], [window])])
    const near = graph.op('Where', [isNear, tape.scalar(0).name, tape.scalar(MASKED).name])
    const masked = tape.value(graph.op('Min', [bias, near]), biasShape)
    windowed.set(window, masked)
    return masked
  }

  const { cos, sin } = rotaryTables(config)
  const dims = [config.maxPositions, config.headDim / 2]
  return {
    rotation: {
      positions: graph.op('Expand', [index, shape]), // [B, T]
      cos: graph.weights('rotary.cos', dims, cos),
      sin: graph.weights('rotary.sin', dims, sin),
      minusSin: () => tape.weights('rotary.minus_sin', dims, () => sin.map((value) => -value)).name,
    },
    causalBias: tape.value(bias, biasShape),
    windowBias,
  }
}

/** `[B, 1, 1, T, T]`: whether two positions of a row are of one sequence. */
function isSameSegment({ graph }: Tape): ValueName {
  const segments = graph.input('segments', 'int32', ['B', 'T'])
  const axes = (...at: number[]) => graph.constant('int64', [at.length], at)
  const columns = graph.op('Unsqueeze', [segments, axes(1, 2, 3)])
  return graph.op('Equal', [graph.op('Unsqueeze', [segments, axes(1, 2, 4)]), columns])
}

function outputStep(
  tape: Tape,
  config: ModelConfig,
  trained: Trained,
  { parameters, gradient, optimiser }: { parameters: Variable; gradient: Variable; optimiser: AdamWOptions },
): void {
  const { shape } = parameters
  const ofStep = shape.length > 1 ? [shape[0]!, 1] : []
  const next = adamW(
    tape,
    {
      parameters,
      gradient,
      firstMoment: tape.input('first_moment', shape),
      secondMoment: tape.input('second_moment', shape),
      learningRate: tape.input('learning_rate', ofStep),
      firstCorrection: tape.input('first_correction', ofStep),
      secondCorrection: tape.input('second_correction', ofStep),
      decayMask: decayMask(tape, config, trained),
    },
    optimiser,
  )
  tape.graph.output('next_parameters', next.parameters.name, 'float32', shape)
  tape.graph.output('next_first_moment', next.firstMoment.name, 'float32', shape)
  tape.graph.output('next_second_moment', next.secondMoment.name, 'float32', shape)
  tape.graph.output('gradient_norm', next.gradientNorm.name, 'float32', ofStep)
}

/** 1 for matrices, 0 for the gains of norms: pulling those towards zero would only shrink the activations. */
function decayMask(tape: Tape, config: ModelConfig, trained: Trained): Variable {
  const shapes = trainedShapes(config, trained)
  if (shapes.every(({ shape }) => shape.length > 1)) return tape.scalar(1)
  return tape.weights('decay_mask', [trainedLength(config, trained)], () => {
    const mask = new Float32Array(trainedLength(config, trained))
    let offset = 0
    for (const { shape } of shapes) {
      const end = offset + elementCount(shape)
      mask.fill(shape.length > 1 ? 1 : 0, offset, end)
      offset = end
    }
    return mask
  })
}
