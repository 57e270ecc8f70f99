import { type JobProgress, RunMeter, type RunMetric } from '@openledger/model-factory'
import { OpenLedgerError } from '@openledger/protocol'
import { type OpenLedger, TRAINING_METRICS, TRAINING_RUN } from '@openledger/sdk'
import { Listr, ListrLogger, ProcessOutput } from 'listr2'
import { note, printFacts, printJson } from './print.ts'

const SEEDS = 2
const BAR = 24
const POLL_MS = 500
/** Where stderr is no terminal, a line for each part of so much of a seed. */
const PARTS = 4

/** What training does, on stderr: one line that changes in a terminal, a few lines elsewhere. */
export class TrainingProgress {
  readonly #meter = new RunMeter(SEEDS)
  readonly #parts = new Map<number, number>()
  readonly #ended = Promise.withResolvers<void>()
  #task: { output: string } | undefined
  #hasEnded = false

  constructor() {
    if (!process.stderr.isTTY) return
    const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) })
    const list = new Listr(
      [
        {
          title: 'Training',
          task: async (_: unknown, task: { output: string }) => {
            this.#task = task
            await this.#ended.promise
          },
        },
      ],
      { registerSignalListeners: false, rendererOptions: { logger } },
    )
    list.run().catch(() => undefined)
  }

  show(progress: JobProgress): void {
    if (progress.kind === 'clustered') note(`${progress.canonical} of ${progress.records} records are not copies.`)
    else {
      const told = this.#meter.read(progress)
      if (told !== null) this.tell(told)
    }
  }

  tell(told: RunMetric): void {
    const line = lineOf(told)
    if (this.#task !== undefined) this.#task.output = line
    else if (!process.stderr.isTTY && this.#isWorthALine(told)) note(line)
  }

  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#ended.resolve()
  }

  #isWorthALine({ seed, step, steps }: RunMetric): boolean {
    if (seed === null || step === null || steps === null) return true
    const part = Math.floor((PARTS * step) / steps)
    const isNew = part > (this.#parts.get(seed) ?? 0)
    if (isNew) this.#parts.set(seed, part)
    return isNew
  }
}

function lineOf({ phase, seed, step, steps, loss, validationLoss, tokensPerSecond, etaSeconds }: RunMetric): string {
  if (validationLoss !== null) return `seed ${seed}: held-out loss ${validationLoss.toFixed(3)}`
  if (step === null || steps === null) return phase
  const full = Math.round((BAR * step) / steps)
  const parts = [
    `seed ${seed} ${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${step}/${steps}`,
    loss === null ? '' : `loss ${loss.toFixed(3)}`,
    tokensPerSecond === null ? '' : `${Math.round(tokensPerSecond)} tokens/s`,
    etaSeconds === null ? '' : `${Math.ceil(etaSeconds)} s to go`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/**
 * Follows a run of the factory to its end and prints what came of it. Ctrl-C ends the following, not the run.
 * @throws why it failed
 */
export async function followRun(openledger: OpenLedger, id: string, isJson: boolean): Promise<void> {
  const progress = new TrainingProgress()
  let after = 0
  try {
    for (;;) {
      const { trainingRun: run } = await openledger.query(TRAINING_METRICS, { id, after })
      if (run === null) throw unknown(id)
      for (const told of run.metrics) {
        after = told.sequence
        progress.tell(told)
      }
      if (run.metrics.length > 0) continue
      if (['DONE', 'FAILED', 'CANCELLED'].includes(run.status)) break
      await new Promise((done) => setTimeout(done, POLL_MS))
    }
  } finally {
    progress.end()
  }
  await printRun(openledger, id, isJson)
}

/** @throws training.run_unknown, and with the run's own error when it failed and nothing else is asked of it */
export async function printRun(openledger: OpenLedger, id: string, isJson: boolean): Promise<void> {
  const { trainingRun: run } = await openledger.query(TRAINING_RUN, { id })
  if (run === null) throw unknown(id)
  const { error, evaluation } = run
  if (isJson) printJson(run)
  else {
    printFacts({
      run: run.id,
      name: run.name,
      kind: run.kind,
      status: run.status,
      order: run.jobNumber,
      model: run.modelId,
      'loss before': evaluation?.lossBase.toFixed(4),
      'loss after': evaluation?.lossAdapter.toFixed(4),
      'perplexity before': evaluation?.perplexityBase.toFixed(2),
      'perplexity after': evaluation?.perplexityAdapter.toFixed(2),
      'held-out records also trained on': evaluation?.contaminatedRecords,
      evaluation: evaluation?.cid,
      attempts: run.attempts,
    })
  }
  if (error !== null) throw new OpenLedgerError(error.code, error.message, { nextStep: error.nextStep })
}

function unknown(id: string): OpenLedgerError {
  return new OpenLedgerError('training.run_unknown', 'There is no such training run.', {
    facts: { run: id.slice(0, 60) },
    nextStep: '`openledger train list` shows all of them.',
  })
}
