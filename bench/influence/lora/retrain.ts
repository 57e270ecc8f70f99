/** Training on any part of the records, again and again in one graph, and the losses of any texts. */
import {
  type AdapterWeights,
  initialAdapter,
  LossMeter,
  RowsGradients,
  seededRandom,
  type Trained,
  Trainer,
  tokenBatch,
} from '@openledger/language-model'
import { type Experiment, LORA, RECIPE } from './experiment.ts'

/** As in the model factory's `trainSeed`. */
const OPTIMISER = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 }
const FINAL_RATE = 0.1

/** Losses are measured so many texts at a time. */
const METER_ROWS = 12

export type Target = {
  tokens: readonly number[]
  /** So many of the first tokens are given, not predicted: at least 1. */
  prompt: number
}

export class Retraining {
  readonly #experiment: Experiment
  readonly #trainer: Trainer
  readonly #meter: LossMeter

  private constructor(experiment: Experiment, trainer: Trainer, meter: LossMeter) {
    this.#experiment = experiment
    this.#trainer = trainer
    this.#meter = meter
  }

  static async open(experiment: Experiment): Promise<Retraining> {
    const { config, weights } = experiment.base
    const trained: Trained = { kind: 'lora', weights, lora: LORA }
    const start = initialAdapter(config, LORA, 0)
    const options = { threads: 1 }
    const trainer = await Trainer.create(config, trained, start, OPTIMISER, options)
    return new Retraining(experiment, trainer, await LossMeter.create(config, trained, options))
  }

  /**
   * Trains on these records. Each seed has one order of all records an epoch, from which the others are left out: so two
   * runs differ by what they were given, not by chance.
   *
   * @returns the adapter at the start and after each epoch `[epochs + 1][P]`
   */
  async train(subset: readonly number[], seed: number): Promise<AdapterWeights[]> {
    const { base, records } = this.#experiment
    const { batchSize, epochs, learningRate, warmupSteps } = RECIPE
    const chosen = new Set(subset)
    const random = seededRandom(9000 + seed)
    const steps = epochs * Math.ceil(subset.length / batchSize)
    this.#trainer.restart(initialAdapter(base.config, LORA, seed))
    const checkpoints = [this.#trainer.parameters]
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = random.shuffle(records.map((_, i) => i)).filter((i) => chosen.has(i))
      for (let at = 0; at < order.length; at += batchSize) {
        const sequences = order.slice(at, at + batchSize).map((i) => records[i]!.tokens)
        const tokens = sequences.reduce((sum, { length }) => sum + length - 1, 0)
        const step = this.#trainer.state.steps
        const rate = Math.min(1, (step + 1) / warmupSteps) * (1 - (1 - FINAL_RATE) * (step / steps))
        await this.#trainer.step(
          tokenBatch(sequences, () => 1 / tokens),
          learningRate * rate,
        )
      }
      checkpoints.push(this.#trainer.parameters)
    }
    return checkpoints
  }

  /** @returns nats a token of each target `[targets]` */
  async losses(adapter: AdapterWeights, targets: readonly Target[]): Promise<number[]> {
    const losses: number[] = []
    for (let at = 0; at < targets.length; at += METER_ROWS) {
      const some = targets.slice(at, at + METER_ROWS)
      const batch = tokenBatch(
        some.map(({ tokens }) => tokens),
        () => 1,
      )
      some.forEach(({ tokens, prompt }, row) => {
        const weights = batch.weights.subarray(row * batch.tokens, row * batch.tokens + tokens.length - 1)
        weights.fill(1 / (tokens.length - prompt))
        weights.fill(0, 0, prompt - 1)
      })
      losses.push(...(await this.#meter.losses(adapter, batch)))
    }
    return losses
  }
}

/** What the adapter answers to the beginnings of these texts, greedily. */
export async function answers(
  experiment: Experiment,
  adapter: AdapterWeights,
  prompts: readonly (readonly number[])[],
  length: number,
): Promise<number[][]> {
  const { vocabSize } = experiment.base.config
  const rows = await RowsGradients.create(experiment.base, LORA, { threads: 1 })
  const texts = prompts.map((prompt) => [...prompt])
  for (let at = 0; at < texts.length; at += METER_ROWS) {
    const some = texts.slice(at, at + METER_ROWS)
    for (let token = 0; token < length; token++) {
      const batch = tokenBatch(
        some.map((text) => [...text, 0]),
        () => 1,
      )
      const { probabilities } = await rows.forward(adapter, batch)
      some.forEach((text, row) => {
        const end = row * batch.tokens + text.length
        text.push(largest(probabilities.subarray((end - 1) * vocabSize, end * vocabSize)))
      })
    }
  }
  await rows.release()
  return texts
}

function largest(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}
