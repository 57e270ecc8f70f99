/**
 * The thread that computes. ONNX Runtime holds the thread while it runs, so it has one of its own; tensors over shared
 * memory are refused, so the cache and the adapters' slots live here, and only requests and text cross over.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { type Adapter, openBaseModel } from '@openledger/language-model'
import { OpenLedgerError } from '@openledger/protocol'
import { GenerationBatch } from './generation-batch.ts'
import { type FromWorker, readFrom, type ToWorker, type WorkerData } from './messages.ts'
import { replay } from './replay.ts'
import { ServingModel } from './serving-model.ts'

const port = parentPort!
const { files, options } = workerData as WorkerData
const send = (message: FromWorker) => port.postMessage(message)

const { endIds, model, tokenizer } = await open().catch((error) => {
  send({ kind: 'refused', report: reportOf(error) })
  process.exit()
})
const limits = { decode: (ids: readonly number[]) => tokenizer.decode(ids), endIds }
const adapters = new Map<string, Adapter>()
const batch = new GenerationBatch(model, { maxRows: options.maxRows, adapterOf, limits })
const listeners = new Map<number, GenerationBatch.Listener>()
const replays: Extract<ToWorker, { kind: 'replay' }>[] = []
let steps = 0
let tokens = 0
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
      if (listener !== undefined && batch.remove(listener)) listener.failed(cancelled())
      return
    }
    case 'replay':
      replays.push(message)
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

function generate(id: number, { request }: Extract<ToWorker, { kind: 'generate' }>): void {
  const listener: GenerationBatch.Listener = {
    text: (text) => send({ kind: 'text', id, text }),
    done: (generation) => {
      listeners.delete(id)
      tokens += generation.tokenIds.length
      send({ kind: 'done', id, generation })
    },
    failed: (error) => {
      listeners.delete(id)
      send({ kind: 'failed', id, report: reportOf(error) })
    },
  }
  listeners.set(id, listener)
  batch.add(request, listener)
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
    steps++
    const check = replays.shift()
    if (check !== undefined) await audit(check)
    send({ kind: 'load', activeRows: batch.activeRows, waitingRows: batch.waitingRows, steps, tokens })
    // Messages that came meanwhile are read between turns: so requests join a batch under way.
    await new Promise(setImmediate)
    if (!more && replays.length === 0 && batch.waitingRows === 0) break
  }
  if (closing) {
    await model.close()
    port.close()
  }
}

async function audit({ given, id, request }: Extract<ToWorker, { kind: 'replay' }>): Promise<void> {
  try {
    const adapter = request.adapterKey === null ? null : adapterOf(request.adapterKey)
    send({ kind: 'replayed', id, replay: await replay(model, adapter, request, given, limits) })
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
  if (adapter !== undefined) return adapter
  throw new OpenLedgerError('adapter.not_loaded', 'The adapter is not in memory.', {
    facts: { adapter: key },
    nextStep: 'Ask again: it is loaded on demand.',
    retryable: true,
  })
}

function cancelled(): OpenLedgerError {
  return new OpenLedgerError('request.cancelled', 'The request was taken back before it began.', {
    nextStep: 'Ask again when you want the answer.',
  })
}

function reportOf(error: unknown): OpenLedgerError.Report {
  if (error instanceof OpenLedgerError) return error.toJSON()
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'engine.fault', message, facts: {}, nextStep: "Read the node's log.", retryable: true }
}
