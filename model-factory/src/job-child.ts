/** The process behind a preflight or a run: it reads Datanets, checks, trains and evaluates. It holds no key. */
import { HttpContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'
import { TrainingError } from './error.ts'
import { evaluateAdapter } from './evaluation/evaluate.ts'
import type { JobProgress, JobResult, JobTask } from './jobs/job-process.ts'
import { estimateSeconds, type PreflightReport, planRun, priceOf, requireReady } from './preflight/plan.ts'
import { serveTask } from './serve-task.ts'

const MEMORY_POLL_MS = 500

serveTask(async (task: JobTask, onProgress: (progress: JobProgress) => void): Promise<JobResult> => {
  const contentStore = new HttpContentStore(task.contentUrl)
  const plan = await planRun(task.spec, { subgraphUrl: task.subgraphUrl, contentStore })
  if (task.kind === 'preflight') {
    const { report } = plan
    const priceWei = priceOf(report.allTokens, BigInt(task.weiPerMillionTokens)).toString()
    const seconds = report.isReady ? await estimateSeconds(plan) : 0
    const whole: PreflightReport = { ...report, estimate: { seconds: Math.ceil(seconds), priceWei } }
    return { kind: 'preflight', report: whole }
  }
  requireReady(plan)
  const stop = new AbortController()
  const watch = setInterval(() => {
    const bytes = process.memoryUsage.rss()
    if (bytes > task.maxBytes) stop.abort(tooLarge(bytes, task.maxBytes))
  }, MEMORY_POLL_MS)
  try {
    const trained = await plan.kind.train(
      {
        name: task.spec.name,
        licence: plan.report.licence,
        licenceFlags: plan.report.licenceFlags,
        base: plan.baseTerms,
        datanets: plan.datanets,
        records: plan.records,
        recipe: plan.report.recipe,
        contentStore,
        checkpoints: { folder: task.folder, everyMs: task.saveEveryMs },
        maxBytes: task.maxBytes,
        signal: stop.signal,
      },
      onProgress,
    )
    onProgress({ kind: 'evaluating' })
    const texts = new Map(plan.records.map(({ digest, text }) => [digest, text]))
    const evaluation = await evaluateAdapter(contentStore, plan.base, trained, texts)
    const { training: _, ...rest } = trained
    return { kind: 'trained', trained: rest, evaluation }
  } catch (error) {
    throw stop.signal.aborted && stop.signal.reason instanceof OpenLedgerError ? stop.signal.reason : error
  } finally {
    clearInterval(watch)
  }
})

function tooLarge(bytes: number, maxBytes: number): TrainingError {
  return new TrainingError('training.memory_exceeded', 'The training takes more memory than it may.', {
    facts: { bytes, maxBytes },
    nextStep: 'Allow more (maxMemoryMb), or train on fewer records.',
  })
}
