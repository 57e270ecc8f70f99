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
import { type TokenText, tokenTexts } from './constraint/token-bytes.ts'
import type { EmbedRequest } from './embed.ts'
import type { GenerationBatch, Piece, Timing } from './generation-batch.ts'
import type { EngineLoad, EngineOptions, FromWorker, ModelFiles, ToWorker } from './messages.ts'
import { packAdapter } from './packed-adapter.ts'
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
  /** The members of a request that are understood, and in which order they act. */
  decoding: 'openledger/decoding@2'
}

/** A base model on a thread of its own, answering and auditing with any mix of the adapters that are loaded. */
export class Engine {
  readonly facts: EngineFacts
  readonly engineHash: Digest
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly options: EngineOptions
  /** What the thread last said about its work. */
  load: EngineLoad = { activeRows: 0, waitingRows: 0, steps: 0, rowSteps: 0, tokens: 0, reusedTokens: 0 }
  readonly #tokenTexts: () => readonly TokenText[]
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
      decoding: 'openledger/decoding@2',
    }
    this.engineHash = jsonDigest(this.facts)
    let texts: TokenText[] | undefined
    this.#tokenTexts = () => {
      texts ??= tokenTexts(JSON.parse(Buffer.from(files['tokenizer.json']!).toString('utf8')), this.config.vocabSize)
      return texts
    }
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

  /** How a token reads, alone. */
  textOf(tokenId: number): TokenText {
    return this.#tokenTexts()[tokenId]!
  }

  /** Whether the thread still works. */
  get isAlive(): boolean {
    return this.#fault === undefined
  }

  /** Requests that are being answered or audited, or wait for it. */
  get openRequests(): number {
    return this.#open.size
  }

  /** @returns the bytes that it takes in memory */
  loadAdapter(key: string, adapter: Adapter): number {
    const packed = packAdapter(adapter)
    const { buffer, byteLength } = packed.weights
    this.#send({ kind: 'load', key, adapter: packed }, [buffer as ArrayBuffer])
    return byteLength
  }

  /** The adapter's memory is given back; rows that answer with it already are not disturbed. */
  unloadAdapter(key: string): void {
    this.#send({ kind: 'unload', key })
  }

  /**
   * Answers a request.
   * @throws adapter.not_loaded, adapter.config-unsupported, request.cancelled, request.waited_too_long, engine.fault
   */
  async generate(request: AnswerRequest, options: Engine.GenerateOptions = {}): Promise<Generated> {
    const { onPiece, signal, ...terms } = options
    const id = this.#nextId++
    const cancel = () => this.#send({ kind: 'cancel', id })
    const generated = this.#call<Generated>(id, { kind: 'generate', id, request, terms }, onPiece)
    if (signal?.aborted === true) cancel()
    signal?.addEventListener('abort', cancel)
    return generated.finally(() => signal?.removeEventListener('abort', cancel))
  }

  /** Computes an answer again and says whether it is what the model gives. */
  replay(request: AnswerRequest, given: Generation): Promise<Replay> {
    const id = this.#nextId++
    return this.#call<Replay>(id, { kind: 'replay', id, request, given })
  }

  /** The embedding of a text, as `encodeEmbedding` gives it. */
  embed(request: EmbedRequest): Promise<string> {
    const id = this.#nextId++
    return this.#call<string>(id, { kind: 'embed', id, request })
  }

  /** Finishes what is under way, then ends the thread. */
  async close(): Promise<void> {
    if (!this.isAlive) return
    const exited = once(this.#worker, 'exit')
    this.#send({ kind: 'close' })
    await exited
  }

  #call<T extends Generated | Replay | string>(
    id: number,
    message: ToWorker,
    onPiece?: (piece: Piece) => void,
  ): Promise<T> {
    if (!this.isAlive) return Promise.reject(faultOf(this.#fault))
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve: resolve as OpenCall['resolve'], reject, ...(onPiece && { onPiece }) })
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
      case 'load':
        this.load = message.load
        return
      case 'piece':
        this.#open.get(message.id)?.onPiece?.(message.piece)
        return
      case 'done':
        this.#take(message.id)?.resolve({ generation: message.generation, timing: message.timing })
        return
      case 'replayed':
        this.#take(message.id)?.resolve(message.replay)
        return
      case 'embedded':
        this.#take(message.id)?.resolve(message.embedding)
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
  resolve(value: Generated | Replay | string): void
  reject(error: unknown): void
  onPiece?(piece: Piece): void
}

export type Generated = { generation: Generation; timing: Timing }

export declare namespace Engine {
  type GenerateOptions = GenerationBatch.Terms & {
    /** Called with each piece of text as it is final. */
    onPiece?: (piece: Piece) => void
    /** Takes the request back if it has not begun, and ends it where it stands if it has. */
    signal?: AbortSignal
  }
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
