/**
 * The graph that answers requests: each row of a batch has its own LoRA adapter and its own past.
 *
 * Rows do not influence each other, down to the last bit: the adapter is applied in the three-dimensional form
 * `x[B,T,i] · A[B,i,r] · B[B,r,o]`, whose products have the same size whatever B is. (One shared two-dimensional
 * adapter, or several concatenated ones behind a mask, would be multiplied by another kernel for another B.)
 *
 * The cache of keys and values is input only and belongs to the caller; the graph returns what each row must append.
 */
import { type ModelConfig, PROJECTIONS, type Projection, projectionSize } from '../config.ts'
import { type ElementType, GraphBuilder, type ValueName } from '../onnx/graph.ts'
import { biasName, EMBEDDING, HEAD, type ModelWeights, projectionName, weightOf } from '../weights.ts'
import { decoder } from './decoder.ts'
import { rotaryTables } from './rotary.ts'

export type ServingGraphOptions = {
  /** Rank of the adapter inputs; adapters of a lower rank are padded with zeros. */
  rank: number
  /** Projections with adapter inputs; an adapter that lacks one has zeros there. */
  targets: readonly Projection[]
  /** 'last': the logits of one position per row, to generate; 'all': of every position, to audit an answer. */
  logits: 'last' | 'all'
}

export type ServingValue = {
  name: string
  type: ElementType
  /** B rows, T new tokens, P slots of cache; all three may differ from run to run. P may be 0. */
  dims: readonly (number | 'B' | 'T' | 'P')[]
  meaning: string
}

/** The graph's inputs and outputs: names, element types, shapes. */
export type ServingSignature = { inputs: ServingValue[]; outputs: ServingValue[] }

/** A score so low that its weight after softmax is exactly 0. */
const MASKED = -1e9

export function servingSignature(config: ModelConfig, options: ServingGraphOptions): ServingSignature {
  const { kvHeads, headDim, vocabSize } = config
  const inputs: ServingValue[] = [
    {
      name: 'input_ids',
      type: 'int32',
      dims: ['B', 'T'],
      meaning: 'new tokens; a shorter row is filled up with any id',
    },
    { name: 'past_lengths', type: 'int32', dims: ['B'], meaning: 'tokens of each row that are in the cache' },
  ]
  if (options.logits === 'last') {
    inputs.push({
      name: 'last_positions',
      type: 'int32',
      dims: ['B'],
      meaning: 'index within the new tokens whose logits are wanted: the count of new tokens of the row, less one',
    })
  }
  const outputs: ServingValue[] = [
    {
      name: 'logits',
      type: 'float32',
      dims: options.logits === 'last' ? ['B', vocabSize] : ['B', 'T', vocabSize],
      meaning: 'scores of the next token',
    },
  ]
  for (let layer = 0; layer < config.layers; layer++) {
    for (const kind of ['key', 'value'] as const) {
      inputs.push({
        name: `past_${kind}.${layer}`,
        type: 'float32',
        dims: ['B', kvHeads, 'P', headDim],
        meaning: 'cache; slots from past_lengths on are ignored but must be finite',
      })
      outputs.push({
        name: `new_${kind}.${layer}`,
        type: 'float32',
        dims: ['B', kvHeads, 'T', headDim],
        meaning: "to be appended to the cache of each row; only the row's real tokens count",
      })
    }
    for (const projection of servedTargets(options)) {
      const size = projectionSize(config, projection)
      inputs.push({
        name: `lora_A.${layer}.${projection}`,
        type: 'float32',
        dims: ['B', size.in, options.rank],
        meaning: "A of each row's adapter; zeros for the bare base",
      })
      inputs.push({
        name: `lora_B.${layer}.${projection}`,
        type: 'float32',
        dims: ['B', options.rank, size.out],
        meaning: "B of each row's adapter, times its scale (alpha / rank)",
      })
    }
  }
  return { inputs, outputs }
}

/** Builds the serving graph with the base's weights inside it. */
export function buildServingGraph(
  config: ModelConfig,
  weights: ModelWeights,
  options: ServingGraphOptions,
): Uint8Array {
  const graph = new GraphBuilder()
  const signature = servingSignature(config, options)
  for (const { name, type, dims } of signature.inputs) graph.input(name, type, dims)
  const rotary = rotaryTables(config)
  const pairs = config.headDim / 2
  const cos = graph.weights('rotary.cos', [config.maxPositions, pairs], rotary.cos)
  const sin = graph.weights('rotary.sin', [config.maxPositions, pairs], rotary.sin)
  const { positions, biasOf, partSizes } = sequenceLayout(graph, config.maxPositions)

  const embedding = graph.weights(EMBEDDING, [config.vocabSize, config.hiddenSize], weightOf(weights, EMBEDDING))
  const groups = config.heads / config.kvHeads
  const newValues = new Map<string, ValueName>()

  const reshape = (x: ValueName, dims: number[]) =>
    graph.op('Reshape', [x, graph.constant('int64', [dims.length], dims)])
  const rotate = (x: ValueName) => graph.fusedOp('RotaryEmbedding', [x, positions, cos, sin])
  const addBias = (x: ValueName, name: string, width: number) =>
    graph.op('Add', [x, graph.weights(name, [width], weightOf(weights, name))])
  /** [B, T, kvHeads · headDim] → [B, kvHeads, T, headDim] */
  const byHead = (x: ValueName) =>
    graph.op('Transpose', [reshape(x, [0, 0, config.kvHeads, config.headDim])], { perm: [0, 2, 1, 3] })
  /** [B, kvHeads, S, headDim] → [B, kvHeads, 1, S, headDim]: one head of keys serves a group of queries. */
  const forGroup = (x: ValueName) => graph.op('Unsqueeze', [x, graph.constant('int64', [1], [2])])
  const scores = (queries: ValueName, keys: ValueName) =>
    graph.fusedOp('FusedMatMul', [queries, forGroup(keys)], { transB: 1, alpha: { float: config.headDim ** -0.5 } })

  const logits = decoder<ValueName>(config, {
    embed: () => graph.op('Gather', [embedding, 'input_ids']),
    normalise: (x, gain) => {
      const values = graph.weights(gain, [config.hiddenSize], weightOf(weights, gain))
      return graph.op('SimplifiedLayerNormalization', [x, values], { axis: -1, epsilon: { float: config.rmsNormEps } })
    },
    normaliseHeads: (x, gain) => {
      const values = graph.weights(gain, [config.headDim], weightOf(weights, gain))
      const heads = reshape(x, [0, 0, -1, config.headDim])
      const attributes = { axis: -1, epsilon: { float: config.rmsNormEps } }
      const normal = graph.op('SimplifiedLayerNormalization', [heads, values], attributes)
      return graph.op('Reshape', [normal, graph.op('Shape', [x])])
    },
    project: (x, layer, projection) => {
      const name = projectionName(layer, projection)
      const size = projectionSize(config, projection)
      const weight = graph.weights(name, [size.out, size.in], weightOf(weights, name))
      const product = graph.fusedOp('FusedMatMul', [x, weight], { transB: 1 })
      const y = config.biases?.includes(projection) ? addBias(product, biasName(layer, projection), size.out) : product
      if (!options.targets.includes(projection)) return y
      const down = graph.op('MatMul', [x, `lora_A.${layer}.${projection}`])
      return graph.op('Add', [y, graph.op('MatMul', [down, `lora_B.${layer}.${projection}`])])
    },
    attend: (queries, keys, values, { isRotated, layer, window }) => {
      const turned = (x: ValueName) => (isRotated ? rotate(x) : x)
      const grouped = reshape(turned(queries), [0, 0, config.kvHeads, groups, config.headDim])
      const q = graph.op('Transpose', [grouped], { perm: [0, 2, 3, 1, 4] }) // [B, kvHeads, groups, T, headDim]
      const k = byHead(turned(keys))
      const v = byHead(values)
      newValues.set(`new_key.${layer}`, k)
      newValues.set(`new_value.${layer}`, v)
      // Past and new are scored apart and joined as scores: joining the keys would copy the whole cache at each token.
      const joined = graph.op('Concat', [scores(q, `past_key.${layer}`), scores(q, k)], { axis: -1 })
      const attention = graph.op('Softmax', [graph.op('Add', [joined, biasOf(window)])], { axis: -1 })
      const [past, fresh] = graph.ops('Split', 2, [attention, partSizes], { axis: -1 })
      const mixed = graph.op('Add', [
        graph.op('MatMul', [past!, forGroup(`past_value.${layer}`)]),
        graph.op('MatMul', [fresh!, forGroup(v)]),
      ])
      const byToken = graph.op('Transpose', [mixed], { perm: [0, 3, 1, 2, 4] })
      return reshape(byToken, [0, 0, config.heads * config.headDim])
    },
    gate: (gate, up) => graph.op('Mul', [graph.op('Mul', [gate, graph.op('Sigmoid', [gate])]), up]),
    add: (a, b) => graph.op('Add', [a, b]),
    unembed: (x) => {
      const wanted = options.logits === 'last' ? atLastPosition(graph, x) : x
      const head = config.tieWordEmbeddings
        ? embedding
        : graph.weights(HEAD, [config.vocabSize, config.hiddenSize], weightOf(weights, HEAD))
      return graph.fusedOp('FusedMatMul', [wanted, head], { transB: 1 })
    },
  })
  for (const { name, type, dims } of signature.outputs) graph.output(name, newValues.get(name) ?? logits, type, dims)
  return graph.build()
}

/** The targets in their fixed order. */
export function servedTargets(options: Pick<ServingGraphOptions, 'targets'>): Projection[] {
  return PROJECTIONS.filter((projection) => options.targets.includes(projection))
}

/** What follows from the rows' lengths alone, and so is computed once for all layers. */
function sequenceLayout(
  graph: GraphBuilder,
  maxPositions: number,
): { positions: ValueName; biasOf(window: number | undefined): ValueName; partSizes: ValueName } {
  const axes = (...values: number[]) => graph.constant('int64', [values.length], values)
  const zero = graph.constant('int64', [], [0])
  const one = graph.constant('int64', [], [1])
  const sizeOf = (value: ValueName, axis: number) =>
    graph.op('Gather', [graph.op('Shape', [value]), graph.constant('int64', [], [axis])])
  const tokens = sizeOf('input_ids', 1)
  const slots = sizeOf('past_key.0', 2)
  const newIndex = graph.op('Range', [zero, tokens, one]) // [T]
  const slotIndex = graph.op('Range', [zero, slots, one]) // [P]
  const lengths = graph.op('Cast', ['past_lengths'], { to: 7 }) // [B] int64
  const lengthOfRow = graph.op('Unsqueeze', [lengths, axes(1)]) // [B, 1]

  const biasWhere = (allowed: ValueName) =>
    graph.op('Where', [allowed, graph.constant('float32', [], [0]), graph.constant('float32', [], [MASKED])])
  const pastAllowed = graph.op('Unsqueeze', [graph.op('Less', [slotIndex, lengthOfRow]), axes(1, 2, 3)]) // [B,1,1,1,P]
  const newAllowed = graph.op('LessOrEqual', [newIndex, graph.op('Unsqueeze', [newIndex, axes(1)])]) // [T, T]
  // Both are stretched to [B, 1, 1, T, ·] and joined in the order of the scores.
  const stretched = (part: ValueName, size: ValueName) => {
    const rows = graph.op('Shape', ['past_lengths'])
    const ones = axes(1, 1)
    const dims = graph.op('Concat', [rows, ones, graph.op('Unsqueeze', [tokens, axes(0)]), size], { axis: 0 })
    return graph.op('Expand', [part, dims])
  }
  // What fills up a short row may lie beyond the rotary tables; its result is ignored, but it must not read outside.
  const lastPosition = graph.constant('int64', [], [maxPositions - 1])
  const slotCount = graph.op('Unsqueeze', [slots, axes(0)])
  const tokenCount = graph.op('Unsqueeze', [tokens, axes(0)])
  const ownPositions = graph.op('Add', [lengthOfRow, newIndex]) // [B, T]
  const positions = graph.op('Min', [ownPositions, lastPosition])
  const joined = (past: ValueName, fresh: ValueName) => graph.op('Concat', [past, fresh], { axis: -1 })
  const bias = joined(stretched(biasWhere(pastAllowed), slotCount), stretched(biasWhere(newAllowed), tokenCount))

  const windowed = new Map<number, ValueName>()
  /** What the window leaves out is masked on top: a token sees key k from its position p on if p − k < window. */
  const within = (window: number) => {
    const known = windowed.get(window)
    if (known !== undefined) return known
    const span = graph.constant('int64', [], [window])
    const near = (own: ValueName, keys: ValueName) =>
      biasWhere(graph.op('Less', [graph.op('Sub', [graph.op('Unsqueeze', [own, axes(-1)]), keys]), span]))
    const pastNear = graph.op('Unsqueeze', [near(ownPositions, slotIndex), axes(1, 2)]) // [B, 1, 1, T, P]
    const masked = graph.op('Min', [bias, joined(pastNear, stretched(near(newIndex, newIndex), tokenCount))])
    windowed.set(window, masked)
    return masked
  }
  return {
    positions,
    biasOf: (window) => (window === undefined ? bias : within(window)),
    partSizes: graph.op('Concat', [slotCount, tokenCount], { axis: 0 }),
  }
}

/** [B, T, hidden] → [B, hidden] at each row's last position. */
function atLastPosition(graph: GraphBuilder, x: ValueName): ValueName {
  const indices = graph.op('Cast', ['last_positions'], { to: 7 })
  const perRow = graph.op('Unsqueeze', [indices, graph.constant('int64', [1], [1])]) // [B, 1]
  return graph.op('GatherND', [x, perRow], { batch_dims: 1 })
}
