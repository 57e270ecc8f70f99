import type { JobProgress } from './job-process.ts'

/** One line of a run's story, as it is stored, streamed and shown. What does not apply is null. */
export type RunMetric = {
  /** `queued`, `reading`, `training`, `evaluating`, `registering`, or how it ended. */
  phase: string
  seed: number | null
  step: number | null
  steps: number | null
  /** Nats per token of the step's batch. */
  loss: number | null
  /** Nats per token of all held-out records. */
  validationLoss: number | null
  /** Of all seeds together, since this attempt began to train. */
  tokensPerSecond: number | null
  etaSeconds: number | null
}

/** Between two stored steps of a seed. */
const EVERY_MS = 250

/** Turns a training's progress into metrics: rates, time to go, and not every step. */
export class RunMeter {
  readonly #seeds: number
  readonly #now: () => number
  readonly #done = new Map<number, { part: number; storedAtMs: number }>()
  #startedAtMs: number | undefined
  #startedPart = 0
  #tokens = 0

  constructor(seeds: number, now: () => number = () => performance.now()) {
    this.#seeds = seeds
    this.#now = now
  }

  /** @returns null for a step that comes too soon after the last one that was kept */
  read(progress: JobProgress): RunMetric | null {
    if (progress.kind === 'step') return this.#step(progress)
    if (progress.kind === 'validated') {
      return { ...metric('training'), seed: progress.seed, validationLoss: progress.loss }
    }
    return metric(progress.kind === 'evaluating' ? 'evaluating' : progress.kind === 'stored' ? 'stored' : 'reading')
  }

  #step({ seed, step, steps, loss, tokens }: Extract<JobProgress, { kind: 'step' }>): RunMetric | null {
    const now = this.#now()
    const known = this.#done.get(seed)
    const isLast = step === steps
    this.#done.set(seed, { part: step / steps, storedAtMs: known?.storedAtMs ?? Number.NEGATIVE_INFINITY })
    const part = this.#part()
    if (this.#startedAtMs === undefined) {
      this.#startedAtMs = now
      this.#startedPart = part
    } else {
      this.#tokens += tokens
    }
    if (known !== undefined && !isLast && now - known.storedAtMs < EVERY_MS) return null
    this.#done.get(seed)!.storedAtMs = now
    const seconds = (now - this.#startedAtMs) / 1000
    const gained = part - this.#startedPart
    return {
      ...metric('training'),
      seed,
      step,
      steps,
      loss,
      tokensPerSecond: seconds > 0 ? this.#tokens / seconds : null,
      etaSeconds: gained > 0 ? ((1 - part) * seconds) / gained : null,
    }
  }

  /** How much of all seeds is done, 0 to 1. */
  #part(): number {
    return [...this.#done.values()].reduce((sum, { part }) => sum + part, 0) / this.#seeds
  }
}

export function metric(phase: string): RunMetric {
  return {
    phase,
    seed: null,
    step: null,
    steps: null,
    loss: null,
    validationLoss: null,
    tokensPerSecond: null,
    etaSeconds: null,
  }
}
