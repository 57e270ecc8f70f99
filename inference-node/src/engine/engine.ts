import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import {
  type Adapter,
  type ModelConfig,
  type Projection,
  parseModelConfig,
  Tokenizer,
} from '@openledger/language-model'
import { type Digest, digestOf, jsonDigest, OpenLedgerError } from '@openledger/protocol'
import { env } from 'onnxruntime-node'
import type { EngineOptions, FromWorker, ModelFiles, ToWorker } from './messages.ts'
import type { AnswerRequest, Generation, Replay } from './request.ts'
import { PREFILL_TOKENS } from './serving-model.ts'

/** Everything that decides which tokens come out. Its canonical JSON's digest is the `engineHash` of receipts. */
export type EngineFacts = {
  kind: 'openledger/engine@1'
  /** Digest of the ONNX graph, weights included. */
  graph: Digest
  tokenizer: Digest
  runtime: string
  /** The same instructions on another kind of processor may round otherwise. */
  architecture: string
  precision: 'fp32'
  /** Room for adapters in the graph. */
  adapterRank: number
  adapterTargets: readonly Projection[]
  prefillTokens: number
  sampling: 'gumbel-max over philox4x32-10'
}

/** A base model on a thread of its own, answering and auditing with any mix of the adapters that are loaded. */
export class Engine {
  readonly facts: EngineFacts
  readonly engineHash: Digest
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly options: EngineOptions
  /** What the thread last said about its work. */
  load = { activeRows: 0, waitingRows: 0, steps: 0, tokens: 0 }
  readonly #worker: Worker
  readonly #open = new Map<number, OpenCall>()
  #nextId = 0
  #fault: unknown

  private constructor(worker: Worker, files: ModelFiles, options: EngineOptions, graph: Digest) {
    // The thread has read them all by now, and refused what is malformed.
    this.config = parseModelConfig(JSON.parse(Buffer.from(files['config.json']!).toString('utf8')))
    this.tokenizer = Tokenizer.fromFiles((name) => files[name])
    this.options = options
    this.facts = {
      kind: 'openledger/engine@1',
      graph,
      tokenizer: digestOf(files['tokenizer.json']!),
      runtime: `onnxruntime-node ${env.versions.node}`,
      architecture: `${process.platform}-${process.arch}`,
      precision: 'fp32',
      adapterRank: options.rank,
      adapterTargets: options.targets,
      prefillTokens: PREFILL_TOKENS,
      sampling: 'gumbel-max over philox4x32-10',
    }
    this.engineHash = jsonDigest(this.facts)
    this.#worker = worker
    worker.on('message', (message: FromWorker) => this.#receive(message))
    worker.on('error', (error) => this.#breakOff(error))
    worker.on('exit', () => this.#breakOff(new Error('the engine thread ended')))
  }

  /**
   * @param files as `baseModelFiles` of language-model names them
   * @throws model.file_missing, and what language-model says about files that it refuses
   */
  static async start(files: ModelFiles, options: EngineOptions): Promise<Engine> {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { files, options } })
    const [message] = (await once(worker, 'message')) as [FromWorker]
    if (message.kind === 'ready') return new Engine(worker, files, options, message.graphDigest)
    throw message.kind === 'refused' ? errorOf(message.report) : faultOf(message.kind)
  }

  /** Whether the thread still works. */
  get isAlive(): boolean {
    return this.#fault === undefined
  }

  /** Requests that are being answered or audited, or wait for it. */
  get openRequests(): number {
    return this.#open.size
  }

  loadAdapter(key: string, adapter: Adapter): void {
    const weights = adapter.weights.slice()
    this.#send({ kind: 'load', key, adapter: { ...adapter, weights } }, [weights.buffer])
  }

  /** The adapter's memory is given back; rows that answer with it already are not disturbed. */
  unloadAdapter(key: string): void {
    this.#send({ kind: 'unload', key })
  }

  /**
   * Answers a request.
   * @param onText called with each piece of text as it is final
   * @param signal takes the request back if it has not begun; one that has begun is finished, for it is paid
   * @throws adapter.not_loaded, adapter.config-unsupported, request.cancelled, engine.fault
   */
  generate(request: AnswerRequest, onText: (text: string) => void, signal?: AbortSignal): Promise<Generation> {
    const id = this.#nextId++
    signal?.addEventListener('abort', () => this.#send({ kind: 'cancel', id }), { once: true })
    return this.#call<Generation>(id, { kind: 'generate', id, request }, onText)
  }

  /** Computes an answer again and says whether it is what the model gives. */
  replay(request: AnswerRequest, given: Generation): Promise<Replay> {
    const id = this.#nextId++
    return this.#call<Replay>(id, { kind: 'replay', id, request, given })
  }

  /** Finishes what is under way, then ends the thread. */
  async close(): Promise<void> {
    if (!this.isAlive) return
    const exited = once(this.#worker, 'exit')
    this.#send({ kind: 'close' })
    await exited
  }

  #call<T extends Generation | Replay>(id: number, message: ToWorker, onText?: (text: string) => void): Promise<T> {
    if (!this.isAlive) return Promise.reject(faultOf(this.#fault))
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve: resolve as OpenCall['resolve'], reject, ...(onText && { onText }) })
      this.#send(message)
    })
  }

  #send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer)
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
      case 'refused':
        return
      case 'load': {
        const { kind: _, ...load } = message
        this.load = load
        return
      }
      case 'text':
        this.#open.get(message.id)?.onText?.(message.text)
        return
      case 'done':
        this.#take(message.id)?.resolve(message.generation)
        return
      case 'replayed':
        this.#take(message.id)?.resolve(message.replay)
        return
      case 'failed':
        this.#take(message.id)?.reject(errorOf(message.report))
        return
    }
  }

  #take(id: number): OpenCall | undefined {
    const call = this.#open.get(id)
    this.#open.delete(id)
    return call
  }

  #breakOff(error: unknown): void {
    this.#fault ??= error
    for (const id of [...this.#open.keys()]) this.#take(id)?.reject(faultOf(error))
  }
}

type OpenCall = {
  resolve(value: Generation | Replay): void
  reject(error: unknown): void
  onText?(text: string): void
}

/** An error as it was in the thread. */
function errorOf({ code, facts, message, nextStep, retryable }: OpenLedgerError.Report): OpenLedgerError {
  return new OpenLedgerError(code, message, { facts, nextStep, retryable })
}

function faultOf(cause: unknown): OpenLedgerError {
  return new OpenLedgerError('engine.fault', 'The engine broke off.', {
    facts: { reason: cause instanceof Error ? cause.message : String(cause) },
    nextStep: 'Ask again; if it happens again, read the log of the node.',
    retryable: true,
    cause,
  })
}
