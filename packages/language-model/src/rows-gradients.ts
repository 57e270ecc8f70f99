/** Per-record gradients of a LoRA adapter, and labels sampled from the model, for attribution. */
import type { InferenceSession } from 'onnxruntime-node'
import { requireBatch, type TokenBatch } from './batch.ts'
import type { ModelConfig } from './config.ts'
import { buildTrainingGraph } from './graphs/training.ts'
import { type AdapterWeights, type LoraConfig, loraParameterCount, requireAdapter } from './lora.ts'
import { floats, floatsOf, openSession, type SessionOptions } from './onnx/session.ts'
import type { Random } from './random.ts'
import { batchInputs } from './trainer.ts'
import type { ModelWeights } from './weights.ts'

export type BaseModel = { config: ModelConfig; weights: ModelWeights }

export class RowsGradients {
  /** P: the length of one gradient, in the order of `loraParameters`. */
  readonly parameters: number
  readonly #base: BaseModel
  readonly #lora: LoraConfig
  readonly #gradients: InferenceSession
  readonly #forward: InferenceSession

  private constructor(base: BaseModel, lora: LoraConfig, gradients: InferenceSession, forward: InferenceSession) {
    this.parameters = loraParameterCount(base.config, lora)
    this.#base = base
    this.#lora = lora
    this.#gradients = gradients
    this.#forward = forward
  }

  static async create(base: BaseModel, lora: LoraConfig, options: SessionOptions = {}): Promise<RowsGradients> {
    const { config, weights } = base
    const open = (kind: 'gradient' | 'probabilities') =>
      openSession(buildTrainingGraph(config, { kind: 'rows', weights, lora }, { kind }), options)
    return new RowsGradients(base, lora, await open('gradient'), await open('probabilities'))
  }

  /**
   * The gradient of each row's weighted loss by the adapter.
   *
   * @param adapter the same for all rows
   * @returns       `[B, P]`
   */
  async gradients(adapter: AdapterWeights, batch: TokenBatch): Promise<Float32Array> {
    return floatsOf(await this.#gradients.run(this.#inputs(adapter, batch)), 'gradient')
  }

  /**
   * What the adapted model expects at each position.
   *
   * @returns losses `[B]` as weighted by the batch; probabilities `[B, T, vocab]` of the next token
   */
  async forward(adapter: AdapterWeights, batch: TokenBatch): Promise<RowsGradients.Forward> {
    const outputs = await this.#forward.run(this.#inputs(adapter, batch))
    return { losses: floatsOf(outputs, 'losses'), probabilities: floatsOf(outputs, 'probabilities') }
  }

  /**
   * The batch with its targets drawn from the model itself: gradients of such batches have the (generalised)
   * Gauss–Newton matrix as their covariance, which the gradients at the true targets have not.
   *
   * @see Kunstner et al. 2019, section 3, arXiv:1905.12558
   */
  async sampleTargets(adapter: AdapterWeights, batch: TokenBatch, random: Random): Promise<TokenBatch> {
    const { probabilities } = await this.forward(adapter, batch)
    const { vocabSize } = this.#base.config
    const targets = Int32Array.from(batch.targets)
    batch.weights.forEach((weight, position) => {
      if (weight === 0) return
      const row = probabilities.subarray(position * vocabSize, (position + 1) * vocabSize)
      targets[position] = draw(row, random.uniform())
    })
    return { ...batch, targets }
  }

  async release(): Promise<void> {
    await this.#gradients.release()
    await this.#forward.release()
  }

  #inputs(adapter: AdapterWeights, batch: TokenBatch) {
    requireAdapter(this.#base.config, this.#lora, adapter)
    requireBatch(batch, this.#base.config)
    return { ...batchInputs(batch), parameters: floats(adapter, [adapter.length]) }
  }
}

export declare namespace RowsGradients {
  type Forward = { losses: Float32Array; probabilities: Float32Array }
}

/** The outcome at which the running sum of probabilities passes `level` in [0, 1). */
function draw(probabilities: Float32Array, level: number): number {
  let rest = level
  for (let outcome = 0; outcome < probabilities.length; outcome++) {
    rest -= probabilities[outcome]!
    if (rest < 0) return outcome
  }
  return probabilities.length - 1 // the probabilities' sum was rounded to below the level
}
