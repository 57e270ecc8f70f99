/**
 * The thread that computes. ONNX Runtime holds the thread while it runs, so it has one of its own; tensors over shared
 * memory are refused, so the cache and the adapters' slots live here, and only requests and text cross over.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { type Adapter, openBaseModel } from '@openledger/language-model'
import { OpenLedgerError } from '@openledger/protocol'
import { ByteVocabulary, Constraint, Constraints } from './constraint/constraint.ts'
import { jsonSchemaGrammar } from './constraint/json-schema.ts'
import { tokenBytes } from './constraint/token-bytes.ts'
import { type EmbedRequest, embed, encodeEmbedding } from './embed.ts'
import { GenerationBatch, type Spelling } from './generation-batch.ts'
import { type FromWorker, readFrom, type ToWorker, type WorkerData } from './messages.ts'
import { type PackedAdapter, unpackAdapter } from './packed-adapter.ts'
import { replay } from './replay.ts'
import { ServingModel } from './serving-model.ts'

const port = parentPort!
const { files, options } = workerData as WorkerData
const send = (message: FromWorker) => port.postMessage(message)

const { endIds, model, tokenizer } = await open().catch((error) => {
  send({ kind: 'refused', report: reportOf(error) })
  process.exit()
})
const constraints = new Constraints((schema) => new Constraint(jsonSchemaGrammar(schema), vocabulary(), endIds))
const spelling: Spelling = {
  decode: (ids) => tokenizer.decode(ids),
  endIds,
  constraintOf: (schema) => constraints.of(schema),
}
const adapters = new Map<string, PackedAdapter>()
const batch = new GenerationBatch(model, {
  maxRows: options.maxRows,
  ...(options.batchTokens !== undefined && { maxTokens: options.batchTokens }),
  ...(options.prefixBytes !== undefined && { prefixBytes: options.prefixBytes }),
  adapterOf,
  spelling,
})
const listeners = new Map<number, GenerationBatch.Listener>()
const replays: Extract<ToWorker, { kind: 'replay' }>[] = []
const texts: { id: number; work: ReturnType<typeof embed> }[] = []
const load = { steps: 0, rowSteps: 0, tokens: 0 }
let spelled: ByteVocabulary | undefined
let working = false
let closing = false

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'load':
      adapters.set(message.key, message.adapter)
      return
    case 'unload':
      adapters.delete(message.key)
      return
    case 'generate':
      generate(message.id, message)
      return wake()
    case 'cancel': {
      const listener = listeners.get(message.id)
      if (listener !== undefined) batch.cancel(listener)
      return
    }
    case 'replay':
      replays.push(message)
      return wake()
    case 'embed':
      beginEmbedding(message.id, message.request)
      return wake()
    case 'close':
      closing = true
      return wake()
  }
})
send({ kind: 'ready', graphDigest: model.graphDigest })

async function open() {
  const { config, endIds, tokenizer, weights } = await openBaseModel(readFrom(files), Object.keys(files))
  const shape = { rank: options.rank, targets: options.targets }
  return { endIds, tokenizer, model: await ServingModel.open({ config, weights, shape, threads: options.threads }) }
}

/** What tokens spell, sorted: worked out when first somebody asks for a schema. */
function vocabulary(): ByteVocabulary {
  const json = JSON.parse(Buffer.from(files['tokenizer.json']!).toString('utf8'))
  spelled ??= new ByteVocabulary(tokenBytes(json, model.config.vocabSize))
  return spelled
}

function generate(id: number, { request, terms }: Extract<ToWorker, { kind: 'generate' }>): void {
  const listener: GenerationBatch.Listener = {
    piece: (piece) => send({ kind: 'piece', id, piece }),
    done: (generation, timing) => {
      listeners.delete(id)
      load.tokens += generation.tokenIds.length
      send({ kind: 'done', id, generation, timing })
    },
    failed: (error) => {
      listeners.delete(id)
      send({ kind: 'failed', id, report: reportOf(error) })
    },
  }
  listeners.set(id, listener)
  try {
    batch.add(request, listener, terms)
  } catch (error) {
    listener.failed(error)
  }
}

function wake(): void {
  if (working) return
  working = true
  void work().finally(() => {
    working = false
  })
}

async function work(): Promise<void> {
  for (;;) {
    const more = await batch.turn().catch(breakOff)
    load.steps++
    load.rowSteps += batch.activeRows
    const check = replays.shift()
    if (check !== undefined) await audit(check)
    await embedFurther()
    const { activeRows, reusedTokens, waitingRows } = batch
    send({ kind: 'load', load: { ...load, activeRows, waitingRows, reusedTokens } })
    // Messages that came meanwhile are read between turns: so requests join a batch under way.
    await new Promise(setImmediate)
    if (!more && replays.length === 0 && texts.length === 0 && batch.waitingRows === 0) break
  }
  if (closing) {
    await model.close()
    port.close()
  }
}

function beginEmbedding(id: number, request: EmbedRequest): void {
  try {
    const adapter = request.adapterKey === null ? null : adapterOf(request.adapterKey)
    texts.push({ id, work: embed(model, adapter, request) })
  } catch (error) {
    send({ kind: 'failed', id, report: reportOf(error) })
  }
}

/** One step of the text that came first. */
async function embedFurther(): Promise<void> {
  const first = texts[0]
  if (first === undefined) return
  const { id, work } = first
  try {
    const { done, value } = await work.next()
    if (done !== true) return
    send({ kind: 'embedded', id, embedding: encodeEmbedding(value) })
  } catch (error) {
    send({ kind: 'failed', id, report: reportOf(error) })
  }
  texts.shift()
}

async function audit({ given, id, request }: Extract<ToWorker, { kind: 'replay' }>): Promise<void> {
  try {
    const adapter = request.adapterKey === null ? null : adapterOf(request.adapterKey)
    send({ kind: 'replayed', id, replay: await replay(model, adapter, request, given, spelling) })
  } catch (error) {
    send({ kind: 'failed', id, report: reportOf(error) })
  }
}

/** A fault within a turn leaves the rows in an unknown state: nobody may get an answer from them. */
function breakOff(error: unknown): never {
  for (const id of listeners.keys()) send({ kind: 'failed', id, report: reportOf(error) })
  throw error
}

function adapterOf(key: string): Adapter {
  const adapter = adapters.get(key)
  if (adapter !== undefined) return unpackAdapter(adapter)
  throw new OpenLedgerError('adapter.not_loaded', 'The adapter is not in memory.', {
    facts: { adapter: key },
    nextStep: 'Ask again: it is loaded on demand.',
    retryable: true,
  })
}

function reportOf(error: unknown): OpenLedgerError.Report {
  if (error instanceof OpenLedgerError) return error.toJSON()
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'engine.fault', message, facts: {}, nextStep: "Read the node's log.", retryable: true }
}
