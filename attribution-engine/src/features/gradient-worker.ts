import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { OpenLedgerError } from '@openledger/protocol'
import {
  type GradientResult,
  type GradientTask,
  unpackError,
  type WorkerMessage,
  type WorkerModel,
  type WorkerReply,
} from './gradient-task.ts'

const CHILD = fileURLToPath(new URL('./gradient-child.ts', import.meta.url))

type Waiting = { resolve: (result: never) => void; reject: (error: Error) => void }

/** Computes gradients of one base model in a process of its own, one task after the other. */
export class GradientWorker {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #tasks = 0
  #ended: OpenLedgerError | undefined

  /** @param model is copied to the process */
  constructor({ config, weights }: WorkerModel) {
    // Structured clone: typed arrays and maps cross as they are.
    this.#child = fork(CHILD, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child.on('message', (reply: WorkerReply) => this.#settle(reply))
    this.#child.on('error', (cause) => this.#end(cause))
    this.#child.on('exit', (code, signal) => this.#end(`exit code ${code ?? signal}`))
    this.#send({ kind: 'model', model: { config, weights } })
    // A worker that waits for tasks does not keep the program alive.
    this.#idle()
  }

  /** @throws influence.worker_ended when the process dies or is closed; and what the task itself throws */
  run<T extends GradientTask>(task: T): Promise<GradientResult<T>> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = this.#tasks++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.ref()
      this.#child.channel?.ref()
      this.#send({ kind: 'task', id, task })
    })
  }

  async close(): Promise<void> {
    this.#end()
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  #send(message: WorkerMessage): void {
    this.#child.send(message, (error) => {
      if (error !== null) this.#end(error)
    })
  }

  #idle(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  #settle(reply: WorkerReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0) this.#idle()
    if ('error' in reply) waiting?.reject(unpackError(reply.error))
    else waiting?.resolve(reply.result as never)
  }

  #end(cause?: unknown): void {
    this.#ended ??= new OpenLedgerError('influence.worker_ended', 'The process that computes gradients has ended.', {
      facts: { reason: cause === undefined ? 'closed' : String(cause) },
      nextStep: 'Start the attribution engine again. If it happens again, give it more memory.',
      retryable: true,
      cause,
    })
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}
