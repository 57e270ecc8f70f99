import { Worker } from 'node:worker_threads'
import { OpenLedgerError } from '@openledger/protocol'
import {
  type GradientResult,
  type GradientTask,
  unpackError,
  type WorkerModel,
  type WorkerReply,
} from './gradient-task.ts'

type Waiting = { resolve: (result: never) => void; reject: (error: Error) => void }

/** Computes gradients of one base model on a thread of its own, one task after the other. */
export class GradientWorker {
  readonly #thread: Worker
  readonly #waiting = new Map<number, Waiting>()
  #tasks = 0
  #ended: OpenLedgerError | undefined

  /** @param model is copied to the thread */
  constructor(model: WorkerModel) {
    const { config, weights } = model
    this.#thread = new Worker(new URL('./gradient-worker-thread.ts', import.meta.url), {
      workerData: { config, weights },
    })
    this.#thread.on('message', (reply: WorkerReply) => this.#settle(reply))
    this.#thread.on('error', (cause) => this.#end(cause))
    this.#thread.on('exit', () => this.#end())
    // A worker that waits for tasks does not keep the process alive.
    this.#thread.unref()
  }

  /** @throws influence.worker_ended when the thread dies or is closed; and what the task itself throws */
  run<T extends GradientTask>(task: T): Promise<GradientResult<T>> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = this.#tasks++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#thread.ref()
      this.#thread.postMessage({ id, task })
    })
  }

  async close(): Promise<void> {
    this.#end()
    await this.#thread.terminate()
  }

  #settle(reply: WorkerReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0) this.#thread.unref()
    if ('error' in reply) waiting?.reject(unpackError(reply.error))
    else waiting?.resolve(reply.result as never)
  }

  #end(cause?: unknown): void {
    this.#ended ??= new OpenLedgerError('influence.worker_ended', 'The thread that computes gradients has ended.', {
      facts: { reason: cause === undefined ? 'closed' : String(cause) },
      nextStep: 'Start the attribution engine again. If it happens again, give it more memory.',
      retryable: true,
      cause,
    })
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}
