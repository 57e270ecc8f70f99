/**
 * Many small adapters trained at once on one base: the base's products are made once for all rows, and each adapter's
 * own are one entry of a batched product. What one tenant learns does not depend on who trains beside it, but for rounding.
 *
 * @see Ye et al. 2024, "mLoRA", arXiv:2312.02515, for the idea; here in one graph, so without its scheduler
 */
import type { InferenceSession } from 'onnxruntime-node'
import type { AdamWOptions } from './autodiff/adamw.ts'
import { requireBatch, type TokenBatch } from './batch.ts'
import { buildTrainingGraph } from './graphs/training.ts'
import { type AdapterWeights, type LoraConfig, loraParameterCount, requireAdapter } from './lora.ts'
import { floats, floatsOf, openSession, type SessionOptions } from './onnx/session.ts'
import type { BaseModel } from './rows-gradients.ts'
import { batchInputs, type StepResult } from './trainer.ts'

export class TenantsTrainer {
  readonly #session: InferenceSession
  readonly #base: BaseModel
  readonly #optimiser: AdamWOptions
  readonly #count: number
  /** `[N, P]` each. */
  #parameters: Float32Array
  #firstMoment: Float32Array
  #secondMoment: Float32Array
  readonly #steps: number[]

  private constructor(
    session: InferenceSession,
    base: BaseModel,
    optimiser: AdamWOptions,
    parameters: Float32Array,
    N: number,
  ) {
    this.#session = session
    this.#base = base
    this.#optimiser = optimiser
    this.#count = N
    this.#parameters = parameters
    this.#firstMoment = new Float32Array(parameters.length)
    this.#secondMoment = new Float32Array(parameters.length)
    this.#steps = Array.from({ length: N }, () => 0)
  }

  /** @param initial one adapter for each tenant, all of the shape of `lora` */
  static async create(
    base: BaseModel,
    lora: LoraConfig,
    initial: readonly AdapterWeights[],
    optimiser: AdamWOptions,
    options: SessionOptions = {},
  ): Promise<TenantsTrainer> {
    const { config, weights } = base
    const length = loraParameterCount(config, lora)
    const parameters = new Float32Array(initial.length * length)
    for (const [tenant, adapter] of initial.entries()) {
      requireAdapter(config, lora, adapter)
      parameters.set(adapter, tenant * length)
    }
    const trained = { kind: 'tenants', weights, lora, tenants: initial.length } as const
    const graph = buildTrainingGraph(config, trained, { kind: 'step', optimiser })
    return new TenantsTrainer(await openSession(graph, options), base, optimiser, parameters, initial.length)
  }

  /**
   * One AdamW step of every tenant that has a batch; the others stay as they are, to the bit.
   *
   * @param batches in the order of the tenants; null for one that has nothing to learn now
   * @returns       null where there was no batch
   */
  async step(batches: readonly (TokenBatch | null)[], learningRate: number): Promise<(StepResult | null)[]> {
    const joined = joinBatches(batches, this.#count)
    requireBatch(joined, this.#base.config)
    const N = this.#count
    const P = this.#parameters.length / N
    const { beta1, beta2 } = this.#optimiser
    for (const [tenant, batch] of batches.entries()) if (batch !== null) this.#steps[tenant]!++
    const vectors = (values: Float32Array) => floats(values, [N, P])
    const each = (of: (steps: number) => number) =>
      floats(
        Float32Array.from(this.#steps, (steps) => of(Math.max(1, steps))),
        [N, 1],
      )
    const outputs = await this.#session.run({
      ...batchInputs(joined),
      parameters: vectors(this.#parameters),
      first_moment: vectors(this.#firstMoment),
      second_moment: vectors(this.#secondMoment),
      learning_rate: each(() => learningRate),
      first_correction: each((steps) => 1 / (1 - beta1 ** steps)),
      second_correction: each((steps) => 1 / (1 - beta2 ** steps)),
    })
    const next = (name: string, before: Float32Array) => {
      const values = floatsOf(outputs, name)
      for (const [tenant, batch] of batches.entries()) {
        if (batch === null) values.set(before.subarray(tenant * P, (tenant + 1) * P), tenant * P)
      }
      return values
    }
    this.#parameters = next('next_parameters', this.#parameters)
    this.#firstMoment = next('next_first_moment', this.#firstMoment)
    this.#secondMoment = next('next_second_moment', this.#secondMoment)
    const losses = floatsOf(outputs, 'losses')
    const norms = floatsOf(outputs, 'gradient_norm')
    const rows = joined.rows / N
    return batches.map((batch, tenant) => {
      if (batch === null) return null
      const loss = losses.subarray(tenant * rows, (tenant + 1) * rows).reduce((sum, row) => sum + row, 0)
      return { loss, gradientNorm: norms[tenant]! }
    })
  }

  /** `[P]` of one tenant, as it is now. */
  parameters(tenant: number): AdapterWeights {
    const P = this.#parameters.length / this.#count
    return this.#parameters.slice(tenant * P, (tenant + 1) * P)
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

/** As many rows for each tenant as the one with the most has; what fills them up weighs nothing. */
function joinBatches(batches: readonly (TokenBatch | null)[], count: number): TokenBatch {
  const present = batches.filter((batch) => batch !== null)
  const ofEach = Math.max(0, ...present.map(({ rows }) => rows))
  const tokens = Math.max(0, ...present.map((batch) => batch.tokens))
  const rows = count * ofEach
  const joined = {
    rows,
    tokens,
    ids: new Int32Array(rows * tokens),
    targets: new Int32Array(rows * tokens),
    weights: new Float32Array(rows * tokens),
  }
  for (const [tenant, batch] of batches.entries()) {
    if (batch === null) continue
    for (let row = 0; row < batch.rows; row++) {
      const to = (tenant * ofEach + row) * tokens
      const [from, end] = [row * batch.tokens, (row + 1) * batch.tokens]
      joined.ids.set(batch.ids.subarray(from, end), to)
      joined.targets.set(batch.targets.subarray(from, end), to)
      joined.weights.set(batch.weights.subarray(from, end), to)
    }
  }
  return joined
}
