/** Training steps on ONNX Runtime: holds the parameters and the optimiser's state between runs. */
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { AdamWOptions } from './autodiff/adamw.ts'
import { requireBatch, type TokenBatch } from './batch.ts'
import type { ModelConfig } from './config.ts'
import { LanguageModelError } from './error.ts'
import { buildTrainingGraph, dropoutInputs, type Trained } from './graphs/training.ts'
import { requireAdapter } from './lora.ts'
import { floats, floatsOf, integers, openSession, type SessionOptions } from './onnx/session.ts'
import { seededRandom } from './random.ts'
import { requireVector } from './weights.ts'

/** All that a training run needs to go on: three vectors `[P]` and the count of steps done. */
export type TrainerState = {
  parameters: Float32Array
  firstMoment: Float32Array
  secondMoment: Float32Array
  steps: number
}

export type StepResult = {
  /** Σ over the batch of weight · nats. */
  loss: number
  /** Before clipping. */
  gradientNorm: number
}

/** What is left out in training is decided by the seed and the step alone: a run that goes on draws what it would have. */
export type Dropout = {
  /** Part of each delta's inputs that is left out, in [0, 1); the others are raised, so that the mean stays. */
  rate: number
  seed: number
}

export class Trainer {
  readonly #session: InferenceSession
  readonly #config: ModelConfig
  readonly #optimiser: AdamWOptions
  readonly #trained: Trained
  readonly #dropout: Dropout | undefined
  #state: TrainerState

  private constructor(
    session: InferenceSession,
    config: ModelConfig,
    optimiser: AdamWOptions,
    state: TrainerState,
    trained: Trained,
    dropout: Dropout | undefined,
  ) {
    this.#session = session
    this.#config = config
    this.#optimiser = optimiser
    this.#state = state
    this.#trained = trained
    this.#dropout = dropout
  }

  /** @param initial `[P]`; not changed by training */
  static async create(
    config: ModelConfig,
    trained: Exclude<Trained, { kind: 'rows' | 'tenants' }>,
    initial: Float32Array,
    optimiser: AdamWOptions,
    { dropout, ...options }: SessionOptions & { dropout?: Dropout } = {},
  ): Promise<Trainer> {
    if (trained.kind === 'lora') requireAdapter(config, trained.lora, initial)
    else requireVector(config, initial)
    const graph = buildTrainingGraph(config, trained, { kind: 'step', optimiser })
    return new Trainer(await openSession(graph, options), config, optimiser, freshState(initial), trained, dropout)
  }

  /** One AdamW step on Σ weight · loss. */
  async step(batch: TokenBatch, learningRate: number): Promise<StepResult> {
    requireBatch(batch, this.#config)
    const { parameters, firstMoment, secondMoment } = this.#state
    const steps = this.#state.steps + 1
    const { beta1, beta2 } = this.#optimiser
    const vector = (values: Float32Array) => floats(values, [values.length])
    const scalar = (value: number) => floats(Float32Array.of(value), [])
    const outputs = await this.#session.run({
      ...batchInputs(batch, this.#trained),
      ...this.#kept(batch, steps),
      parameters: vector(parameters),
      first_moment: vector(firstMoment),
      second_moment: vector(secondMoment),
      learning_rate: scalar(learningRate),
      first_correction: scalar(1 / (1 - beta1 ** steps)),
      second_correction: scalar(1 / (1 - beta2 ** steps)),
    })
    this.#state = {
      parameters: floatsOf(outputs, 'next_parameters'),
      firstMoment: floatsOf(outputs, 'next_first_moment'),
      secondMoment: floatsOf(outputs, 'next_second_moment'),
      steps,
    }
    const loss = floatsOf(outputs, 'losses').reduce((sum, row) => sum + row, 0)
    return { loss, gradientNorm: floatsOf(outputs, 'gradient_norm')[0]! }
  }

  /** The masks of one step; none without dropout. */
  #kept({ rows, tokens }: TokenBatch, step: number): Record<string, Tensor> {
    const trained = this.#trained
    if (trained.kind !== 'lora' || trained.hasDropout !== true) return {}
    const { rate, seed } = this.#dropout ?? { rate: 0, seed: 0 }
    const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(step, 0x85ebca6b))
    const masks: Record<string, Tensor> = {}
    for (const { name, width } of dropoutInputs(this.#config, trained.lora)) {
      const mask = new Float32Array(rows * tokens * width)
      for (let i = 0; i < mask.length; i++) mask[i] = random.uniform() < rate ? 0 : 1 / (1 - rate)
      masks[name] = floats(mask, [rows, tokens, width])
    }
    return masks
  }

  /** The parameters as they are now; a step replaces them and leaves this array alone. */
  get parameters(): Float32Array {
    return this.#state.parameters
  }

  get state(): TrainerState {
    return this.#state
  }

  /** Goes on from a state saved earlier: the next step gives the same bits as it did then. */
  restore(state: TrainerState): void {
    this.#state = state
  }

  /** Starts again from other parameters, as a new trainer would, without building the graph again. */
  restart(initial: Float32Array): void {
    this.#state = freshState(initial)
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

/** Measures losses without learning. */
export class LossMeter {
  readonly #session: InferenceSession
  readonly #config: ModelConfig
  readonly #trained: Trained

  private constructor(session: InferenceSession, config: ModelConfig, trained: Trained) {
    this.#session = session
    this.#config = config
    this.#trained = trained
  }

  static async create(config: ModelConfig, trained: Trained, options: SessionOptions = {}): Promise<LossMeter> {
    const session = await openSession(buildTrainingGraph(config, trained, { kind: 'losses' }), options)
    return new LossMeter(session, config, trained)
  }

  /** @returns `[B]`: Σ over a row's positions of weight · nats */
  async losses(parameters: Float32Array, batch: TokenBatch): Promise<Float32Array> {
    requireBatch(batch, this.#config)
    const inputs = { ...batchInputs(batch, this.#trained), parameters: floats(parameters, [parameters.length]) }
    return floatsOf(await this.#session.run(inputs), 'losses')
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

/** @throws {LanguageModelError} `model.batch_invalid` for a graph of packed rows and a batch that does not say how */
export function batchInputs(batch: TokenBatch, trained?: Trained) {
  const { rows, tokens, ids, targets, weights, segments } = batch
  const dims = [rows, tokens]
  const inputs = { ids: integers(ids, dims), targets: integers(targets, dims), weights: floats(weights, dims) }
  if (trained?.kind !== 'lora' || trained.isPacked !== true) return inputs
  if (segments === undefined) {
    throw new LanguageModelError('model.batch_invalid', 'A batch of packed rows must say where its sequences lie.', {
      facts: { rows, tokens },
      nextStep: 'Make it with exampleBatch.',
    })
  }
  return { ...inputs, segments: integers(segments, dims) }
}

function freshState(parameters: Float32Array): TrainerState {
  const { length } = parameters
  return { parameters, firstMoment: new Float32Array(length), secondMoment: new Float32Array(length), steps: 0 }
}
