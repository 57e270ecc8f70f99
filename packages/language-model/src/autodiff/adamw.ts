import type { Tape, Variable } from './tape.ts'

export type AdamWOptions = {
  beta1: number
  beta2: number
  epsilon: number
  weightDecay: number
  /** The gradient is scaled down to this Euclidean norm where it is longer. */
  maxGradientNorm: number
}

/** The vectors of one step, all `[P]`, and the step's scalars; or `[N, P]` and `[N, 1]`, for N steps side by side. */
export type AdamWState = {
  parameters: Variable
  gradient: Variable
  firstMoment: Variable
  secondMoment: Variable
  learningRate: Variable
  /** 1 / (1 − beta1^step), and the same for beta2. */
  firstCorrection: Variable
  secondCorrection: Variable
  /** 1 where weight decay applies, else 0. */
  decayMask: Variable
}

/**
 * One step of Adam with decoupled weight decay, as operators of the graph, after clipping by the global norm.
 *
 * @see Loshchilov & Hutter 2019, algorithm 2, arXiv:1711.05101; the schedule is folded into `learningRate`
 */
export function adamW(tape: Tape, state: AdamWState, options: AdamWOptions) {
  const { graph } = tape
  const { parameters, firstMoment, secondMoment, learningRate, decayMask } = state
  const apply = (opType: string, ...inputs: string[]) => graph.op(opType, inputs)
  const scalar = (value: number) => graph.constant('float32', [], [value])

  const isMany = parameters.shape.length > 1
  const axis = graph.constant('int64', [1], [isMany ? 1 : 0])
  const norm = apply('Sqrt', graph.op('ReduceSumSquare', [state.gradient.name, axis], { keepdims: Number(isMany) }))
  const atMostOne = apply('Min', scalar(1), apply('Div', scalar(options.maxGradientNorm), norm))
  const gradient = apply('Mul', state.gradient.name, atMostOne)

  const average = (moment: string, value: string, beta: number) =>
    apply('Add', apply('Mul', moment, scalar(beta)), apply('Mul', value, scalar(1 - beta)))
  const nextFirst = average(firstMoment.name, gradient, options.beta1)
  const nextSecond = average(secondMoment.name, apply('Mul', gradient, gradient), options.beta2)

  const root = apply('Sqrt', apply('Mul', nextSecond, state.secondCorrection.name))
  const direction = apply(
    'Div',
    apply('Mul', nextFirst, state.firstCorrection.name),
    apply('Add', root, scalar(options.epsilon)),
  )
  const decay = apply('Mul', apply('Mul', parameters.name, decayMask.name), scalar(options.weightDecay))
  const step = apply('Mul', apply('Add', direction, decay), learningRate.name)
  const { shape } = parameters
  return {
    parameters: tape.value(apply('Sub', parameters.name, step), shape),
    firstMoment: tape.value(nextFirst, shape),
    secondMoment: tape.value(nextSecond, shape),
    gradientNorm: tape.value(norm, learningRate.shape),
  }
}
