/** Training steps on ONNX Runtime: holds the parameters and the optimiser's state between runs. */
import type { InferenceSession } from 'onnxruntime-node'
import type { AdamWOptions } from './autodiff/adamw.ts'
import { requireBatch, type TokenBatch } from './batch.ts'
import type { ModelConfig } from './config.ts'
import { buildTrainingGraph, type Trained } from './graphs/training.ts'
import { requireAdapter } from './lora.ts'
import { floats, floatsOf, integers, openSession, type SessionOptions } from './onnx/session.ts'
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

export class Trainer {
  readonly #session: InferenceSession
  readonly #config: ModelConfig
  readonly #optimiser: AdamWOptions
  #state: TrainerState

  private constructor(session: InferenceSession, config: ModelConfig, optimiser: AdamWOptions, state: TrainerState) {
    this.#session = session
    this.#config = config
    this.#optimiser = optimiser
    this.#state = state
  }

  /** @param initial `[P]`; not changed by training */
  static async create(
    config: ModelConfig,
    trained: Exclude<Trained, { kind: 'rows' }>,
    initial: Float32Array,
    optimiser: AdamWOptions,
    options: SessionOptions = {},
  ): Promise<Trainer> {
    if (trained.kind === 'lora') requireAdapter(config, trained.lora, initial)
    else requireVector(config, initial)
    const graph = buildTrainingGraph(config, trained, { kind: 'step', optimiser })
    return new Trainer(await openSession(graph, options), config, optimiser, freshState(initial))
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
      ...batchInputs(batch),
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

  private constructor(session: InferenceSession, config: ModelConfig) {
    this.#session = session
    this.#config = config
  }

  static async create(config: ModelConfig, trained: Trained, options: SessionOptions = {}): Promise<LossMeter> {
    return new LossMeter(await openSession(buildTrainingGraph(config, trained, { kind: 'losses' }), options), config)
  }

  /** @returns `[B]`: Σ over a row's positions of weight · nats */
  async losses(parameters: Float32Array, batch: TokenBatch): Promise<Float32Array> {
    requireBatch(batch, this.#config)
    const inputs = { ...batchInputs(batch), parameters: floats(parameters, [parameters.length]) }
    return floatsOf(await this.#session.run(inputs), 'losses')
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

export function batchInputs({ rows, tokens, ids, targets, weights }: TokenBatch) {
  const dims = [rows, tokens]
  return { ids: integers(ids, dims), targets: integers(targets, dims), weights: floats(weights, dims) }
}

function freshState(parameters: Float32Array): TrainerState {
  const { length } = parameters
  return { parameters, firstMoment: new Float32Array(length), secondMoment: new Float32Array(length), steps: 0 }
}
