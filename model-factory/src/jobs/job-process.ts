import { fileURLToPath } from 'node:url'
import type { Evaluation } from '../evaluation/evaluate.ts'
import type { PreflightReport } from '../preflight/plan.ts'
import { runInProcess } from '../task-process.ts'
import type { trainAdapter } from '../train-adapter.ts'
import type { RunSpec } from './run-spec.ts'

type Place = { subgraphUrl: string; contentUrl: string; spec: RunSpec }

export type JobTask =
  | (Place & { kind: 'preflight'; weiPerMillionTokens: string })
  | (Place & {
      kind: 'train'
      /** Where its seeds are saved. */
      folder: string
      saveEveryMs: number
      /** Of each of its processes. */
      maxBytes: number
    })

export type JobProgress = trainAdapter.Progress | { kind: 'evaluating' }

/** A run's result without its training manifest, which has a row for every record and lies in the content store. */
export type TrainedRun = { trained: Omit<trainAdapter.Result, 'training'>; evaluation: Evaluation }

export type JobResult = { kind: 'preflight'; report: PreflightReport } | ({ kind: 'trained' } & TrainedRun)

const PROGRAM = fileURLToPath(new URL('../job-child.ts', import.meta.url))

/** @throws what `runInProcess` and the work throw */
export async function preflightInProcess(
  task: Omit<Extract<JobTask, { kind: 'preflight' }>, 'kind'>,
  signal?: AbortSignal,
): Promise<PreflightReport> {
  const result = await runInProcess<JobTask, JobProgress, JobResult>(
    PROGRAM,
    { kind: 'preflight', ...task },
    () => undefined,
    signal,
  )
  if (result.kind !== 'preflight') throw new TypeError(`a preflight came out as ${result.kind}`)
  return result.report
}

/** @throws what `runInProcess` and the work throw */
export async function trainInProcess(
  task: Omit<Extract<JobTask, { kind: 'train' }>, 'kind'>,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<TrainedRun> {
  const result = await runInProcess<JobTask, JobProgress, JobResult>(
    PROGRAM,
    { kind: 'train', ...task },
    onProgress,
    signal,
  )
  if (result.kind !== 'trained') throw new TypeError(`a training came out as ${result.kind}`)
  return result
}
