/**
 * The differentiable operators of a decoder. Each takes the tape first; `d` is the gradient by its output.
 * Where a fused operator of ONNX Runtime exists for the forward pass, the backward pass is written out by hand.
 */
import type { Dim, ValueName } from '../onnx/graph.ts'
import type { Tape, Variable } from './tape.ts'

/** a + b, with broadcasting. */
export function add(tape: Tape, a: Variable, b: Variable): Variable {
  const name = tape.graph.op('Add', [a.name, b.name])
  return tape.record(name, broadcast(a.shape, b.shape), [a, b], (d) => [reduceTo(tape, d, a), reduceTo(tape, d, b)])
}

/** a · b over the last two axes, or a · bᵀ, times `scale`; leading axes are broadcast. */
export function matmul(
  tape: Tape,
  a: Variable,
  b: Variable,
  { transposeB = false, scale = 1 }: { transposeB?: boolean; scale?: number } = {},
): Variable {
  const y = product(tape, a, b, { transposeB, scale })
  return tape.record(y.name, y.shape, [a, b], (d) => {
    const byA = a.needsGradient ? reduceTo(tape, product(tape, d, b, { transposeB: !transposeB, scale }), a) : undefined
    if (!b.needsGradient) return [byA, undefined]
    // A matrix shared by all rows sees them as one long list of rows.
    const isShared = b.shape.length === 2 && a.shape.length > 2
    const [left, right] = isShared ? [asMatrix(tape, a), asMatrix(tape, d)] : [a, d]
    const byB = transposeB
      ? product(tape, right, left, { transposeA: true, scale })
      : product(tape, left, right, { transposeA: true, scale })
    return [byA, isShared ? { ...byB, shape: b.shape } : reduceTo(tape, byB, b)]
  })
}

/** Another shape for the same elements. A named size must stay at its axis, or be the only one left to infer. */
export function reshape(tape: Tape, x: Variable, shape: readonly Dim[]): Variable {
  return tape.record(reshaped(tape, x, shape), shape, [x], (d) => [tape.value(reshaped(tape, d, x.shape), x.shape)])
}

/** `[B, T, width]` → `[groups, B·T / groups, width]`: rows that stand together are multiplied together. */
export function groupRows(tape: Tape, x: Variable, groups: number): Variable {
  const width = x.shape.at(-1) as number
  const name = tape.graph.op('Reshape', [x.name, tape.graph.constant('int64', [3], [groups, -1, width])])
  return tape.record(name, [groups, 'group', width], [x], (d) => [shapedAs(tape, d, x)])
}

/** The inverse of `groupRows`, into the batch that `like` has. */
export function ungroupRows(tape: Tape, x: Variable, like: Variable): Variable {
  const [groups, , width] = x.shape as [number, Dim, number]
  return tape.record(shapedAs(tape, x, like).name, like.shape, [x], (d) => {
    const name = tape.graph.op('Reshape', [d.name, tape.graph.constant('int64', [3], [groups, -1, width])])
    return [tape.value(name, x.shape)]
  })
}

/** x · mask, where the mask is not differentiated by. */
export function mask(tape: Tape, x: Variable, by: Variable): Variable {
  return tape.record(tape.graph.op('Mul', [x.name, by.name]), x.shape, [x], (d) => [times(tape, d, by)])
}

export function transpose(tape: Tape, x: Variable, order: readonly number[]): Variable {
  const inverse = order.map((_, axis) => order.indexOf(axis))
  const shape = order.map((axis) => x.shape[axis]!)
  return tape.record(tape.graph.op('Transpose', [x.name], { perm: order }), shape, [x], (d) => [
    tape.value(tape.graph.op('Transpose', [d.name], { perm: inverse }), x.shape),
  ])
}

/** Softmax over the last axis: dx = y · (d − Σ d·y). */
export function softmax(tape: Tape, x: Variable): Variable {
  const y = tape.value(tape.graph.op('Softmax', [x.name], { axis: -1 }), x.shape)
  return tape.record(y.name, x.shape, [x], (d) => {
    const total = sumLast(tape, times(tape, d, y))
    return [times(tape, y, minus(tape, d, total))]
  })
}

/** silu(g) · u with silu(g) = g · σ(g), the gate of SwiGLU (Shazeer 2020, arXiv:2002.05202). */
export function gatedUnit(tape: Tape, gate: Variable, up: Variable): Variable {
  const sigmoid = tape.value(tape.graph.op('Sigmoid', [gate.name]), gate.shape)
  const silu = times(tape, gate, sigmoid)
  const y = times(tape, silu, up)
  return tape.record(y.name, y.shape, [gate, up], (d) => {
    // silu'(g) = σ + silu · (1 − σ)
    const slope = plus(tape, sigmoid, minus(tape, silu, times(tape, silu, sigmoid)))
    return [times(tape, times(tape, d, up), slope), times(tape, d, silu)]
  })
}

/** y = x · r · gain with r = 1 / sqrt(mean(x²) + eps) (Zhang & Sennrich 2019, eq. 4, arXiv:1910.07467). */
export function rmsNorm(tape: Tape, x: Variable, gain: Variable, eps: number): Variable {
  const width = x.shape.at(-1) as number
  const attributes = { axis: -1, epsilon: { float: eps } }
  const [y, inverse] = tape.graph.ops('SimplifiedLayerNormalization', 2, [x.name, gain.name], attributes)
  const r = tape.value(inverse!, [...x.shape.slice(0, -1), 1])
  return tape.record(y!, x.shape, [x, gain], (d) => {
    const unit = times(tape, x, r)
    const byUnit = times(tape, d, gain)
    const mean = times(tape, sumLast(tape, times(tape, byUnit, unit)), tape.scalar(1 / width))
    return [
      x.needsGradient ? times(tape, minus(tape, byUnit, times(tape, unit, mean)), r) : undefined,
      gain.needsGradient ? reduceTo(tape, times(tape, d, unit), gain) : undefined,
    ]
  })
}

/** Position of each token, and tables of the angles; the one for turning back is made when it is first needed. */
export type Rotation = { positions: ValueName; cos: ValueName; sin: ValueName; minusSin: () => ValueName }

/** Rotary positions on `[B, T, heads · headDim]`. A rotation's adjoint is the rotation back. */
export function rotate(tape: Tape, x: Variable, by: Rotation): Variable {
  const turn = (value: ValueName, sin: ValueName) =>
    tape.graph.fusedOp('RotaryEmbedding', [value, by.positions, by.cos, sin])
  return tape.record(turn(x.name, by.sin), x.shape, [x], (d) => [tape.value(turn(d.name, by.minusSin()), x.shape)])
}

/** Rows of `table` `[V, width]` by `ids` (int32 `[B, T]`): `[B, T, width]`. */
export function embed(tape: Tape, table: Variable, ids: ValueName): Variable {
  const { graph } = tape
  const [vocab, width] = table.shape as [number, number]
  return tape.record(graph.op('Gather', [table.name, ids]), ['B', 'T', width], [table], (d) => {
    const zeros = graph.op('ConstantOfShape', [graph.constant('int64', [2], [vocab, width])])
    const asIndices = graph.op('Reshape', [ids, graph.constant('int64', [2], [-1, 1])])
    const indices = graph.op('Cast', [asIndices], { to: 7 })
    const rows = asMatrix(tape, d).name
    return [tape.value(graph.op('ScatterND', [zeros, indices, rows], { reduction: 'add' }), table.shape)]
  })
}

/**
 * The loss of each row: Σₜ weight[b,t] · −log softmax(logits[b,t])[target[b,t]].
 *
 * @param logits  [B, T, V]
 * @param targets int32 [B, T]
 * @param weights [B, T]; 0 where a position does not count
 * @returns       [B]
 */
export function tokenLosses(tape: Tape, logits: Variable, targets: ValueName, weights: Variable): Variable {
  const { graph } = tape
  const last = graph.constant('int64', [1], [2])
  const logProbabilities = graph.op('LogSoftmax', [logits.name], { axis: -1 })
  const targetColumn = graph.op('Unsqueeze', [targets, last]) // [B, T, 1]
  const ofTarget = graph.op('Squeeze', [
    graph.op('GatherElements', [logProbabilities, targetColumn], { axis: 2 }),
    last,
  ])
  const weighted = graph.op('Mul', [graph.op('Neg', [ofTarget]), weights.name])
  const losses = graph.op('ReduceSum', [weighted, graph.constant('int64', [1], [1])], { keepdims: 0 })
  return tape.record(losses, ['B'], [logits], (d) => {
    // By the logits: weight · (probability − 1 at the target).
    const ofRow = graph.op('Unsqueeze', [d.name, graph.constant('int64', [1], [1])]) // [B, 1]
    const scale = graph.op('Unsqueeze', [graph.op('Mul', [weights.name, ofRow]), last]) // [B, T, 1]
    const scaled = graph.op('Mul', [graph.op('Exp', [logProbabilities]), scale])
    const byLogits = graph.op('ScatterElements', [scaled, targetColumn, graph.op('Neg', [scale])], {
      axis: 2,
      reduction: 'add',
    })
    return [tape.value(byLogits, logits.shape)]
  })
}

// ── not recorded: used inside backward rules ──

function times(tape: Tape, a: Variable, b: Variable): Variable {
  return tape.value(tape.graph.op('Mul', [a.name, b.name]), broadcast(a.shape, b.shape))
}

function plus(tape: Tape, a: Variable, b: Variable): Variable {
  return tape.value(tape.graph.op('Add', [a.name, b.name]), broadcast(a.shape, b.shape))
}

function minus(tape: Tape, a: Variable, b: Variable): Variable {
  return tape.value(tape.graph.op('Sub', [a.name, b.name]), broadcast(a.shape, b.shape))
}

function sumLast(tape: Tape, x: Variable): Variable {
  const axis = tape.graph.constant('int64', [1], [x.shape.length - 1])
  return tape.value(tape.graph.op('ReduceSum', [x.name, axis], { keepdims: 1 }), [...x.shape.slice(0, -1), 1])
}

function product(
  tape: Tape,
  a: Variable,
  b: Variable,
  { transposeA = false, transposeB = false, scale = 1 }: { transposeA?: boolean; transposeB?: boolean; scale?: number },
): Variable {
  const rows = a.shape.at(transposeA ? -1 : -2)!
  const columns = b.shape.at(transposeB ? -2 : -1)!
  const attributes = { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: scale } }
  const name = tape.graph.fusedOp('FusedMatMul', [a.name, b.name], attributes)
  return tape.value(name, [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns])
}

/** The same elements in the shape that `like` has in this run. */
function shapedAs(tape: Tape, x: Variable, like: Variable): Variable {
  return tape.value(tape.graph.op('Reshape', [x.name, tape.graph.op('Shape', [like.name])]), like.shape)
}

/** [.., width] → [all rows, width] */
function asMatrix(tape: Tape, x: Variable): Variable {
  const width = x.shape.at(-1) as number
  const name = tape.graph.op('Reshape', [x.name, tape.graph.constant('int64', [2], [-1, width])])
  return tape.value(name, ['rows', width])
}

function reshaped(tape: Tape, x: Variable, shape: readonly Dim[]): ValueName {
  // ONNX: 0 keeps the size at that axis, -1 infers one.
  const target = shape.map((dim, axis) => (typeof dim === 'number' ? dim : x.shape[axis] === dim ? 0 : -1))
  return tape.graph.op('Reshape', [x.name, tape.graph.constant('int64', [target.length], target)])
}

/** Sums over the axes along which a parent was broadcast. */
function reduceTo(tape: Tape, d: Variable, parent: Variable): Variable | undefined {
  if (!parent.needsGradient) return undefined
  const { graph } = tape
  const extra = d.shape.length - parent.shape.length
  const stretched = parent.shape.flatMap((dim, axis) => (dim === 1 && d.shape[axis + extra] !== 1 ? [axis] : []))
  let name = d.name
  if (extra > 0) {
    const leading = Array.from({ length: extra }, (_, axis) => axis)
    name = graph.op('ReduceSum', [name, graph.constant('int64', [extra], leading)], { keepdims: 0 })
  }
  if (stretched.length > 0) {
    name = graph.op('ReduceSum', [name, graph.constant('int64', [stretched.length], stretched)], { keepdims: 1 })
  }
  return tape.value(name, parent.shape)
}

function broadcast(a: readonly Dim[], b: readonly Dim[]): Dim[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x !== y && x !== 1 && y !== 1) throw new Error(`shapes [${a}] and [${b}] do not fit`)
    return x === 1 ? y : x
  })
}
