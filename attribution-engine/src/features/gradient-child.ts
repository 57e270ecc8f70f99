/**
 * The process behind `GradientWorker`: ONNX Runtime computes on the thread that calls it, so that is never the server's;
 * and a thread that is ended inside it takes the whole program along, so it is a process. It ends with its parent.
 */
import { type LoraConfig, RowsGradients } from '@openledger/language-model'
import { computeAnswerFeatures } from '../influence/answer-features.ts'
import {
  type GradientTask,
  packError,
  type WorkerMessage,
  type WorkerModel,
  type WorkerReply,
} from './gradient-task.ts'
import { createLoraGradients } from './lora-gradients.ts'
import { createMatrixProduct } from './matrix-product.ts'
import { computeSeedFeatures } from './seed-features.ts'

/** Graphs that are kept, one for each LoRA shape. Adapters mostly share one; odd ones must not fill the memory. */
const MAX_GRAPHS = 4

let model: WorkerModel
const product = createMatrixProduct()
const graphs = new Map<string, Promise<RowsGradients>>()
let last: Promise<void> = Promise.resolve()

process.once('disconnect', () => process.exit(1))
process.on('message', (message: WorkerMessage) => {
  if (message.kind === 'model') {
    model = message.model
    return
  }
  // One after the other: a graph that was displaced may be released only when nobody computes with it.
  last = last.then(() => answer(message.id, message.task))
})

async function answer(id: number, task: GradientTask): Promise<void> {
  const reply: WorkerReply = await run(task).then(
    (result) => ({ id, result }),
    (error) => ({ id, error: packError(error) }),
  )
  process.send!(reply)
}

async function run(task: GradientTask) {
  const source = createLoraGradients(await graphFor(task.lora), task.checkpoints)
  const checkpoints = [...task.checkpoints.keys()]
  if (task.kind === 'answer-features') return computeAnswerFeatures(source, checkpoints, task.answer)
  return computeSeedFeatures(source, await product, checkpoints, task.sequences, task.seed, task.settings)
}

async function graphFor(lora: LoraConfig): Promise<RowsGradients> {
  const key = JSON.stringify([lora.rank, lora.alpha, lora.targets])
  const graph = graphs.get(key) ?? RowsGradients.create(model, lora)
  graphs.delete(key)
  graphs.set(key, graph) // the latest used is last
  for (const [oldest, displaced] of graphs) {
    if (graphs.size <= MAX_GRAPHS) break
    graphs.delete(oldest)
    await (await displaced).release()
  }
  return graph
}
