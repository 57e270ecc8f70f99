import { describe, expect, it } from 'vitest'
import { tokenBatch } from './batch.ts'
import { type ModelConfig, PROJECTIONS } from './config.ts'
import { buildTrainingGraph } from './graphs/training.ts'
import { floats, floatsOf, openSession } from './onnx/session.ts'
import { writePeftWeights } from './peft.ts'
import { RowsGradients } from './rows-gradients.ts'
import { readSafetensors } from './safetensors.ts'
import { EXPORTED, exportAdapter } from './testing/exported-adapter.ts'
import {
  adapterVector,
  difference,
  openReference,
  REFERENCE_MODELS,
  type ReferenceFacts,
  readReference,
  readReferenceJson,
  referenceTensors,
  serveInSteps,
} from './testing/reference.ts'
import { batchInputs, Trainer } from './trainer.ts'
import { modelParameters, vectorOfWeights, weightsOfVector } from './weights.ts'

/** Of logits and gradients, over the largest of them. Measured: 1.1e-5 at most, most of them below 2e-6. */
const TOLERANCE = 1e-4

const OPTIMISER = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 }

describe.each(REFERENCE_MODELS)('the tiny %s model', async (name) => {
  const base = await openReference(name)
  const { adapter, config, weights } = base
  const facts = readReferenceJson<ReferenceFacts>('models', name, 'expected.json')
  const expected = referenceTensors('models', name, 'expected.safetensors')
  const tokens = facts.ids.length
  const trained = { kind: 'lora', weights, lora: adapter.lora } as const
  // Hugging Face's loss is the mean over all predicted tokens of the batch.
  const predicted = facts.batch.reduce((sum, row) => sum + row.length - 1, 0)
  const batch = tokenBatch(facts.batch, () => 1 / predicted)
  const gradients = () => adapterVector(base, adapter, (tensor) => expected.get(`gradient.${tensor}`)!)

  it('gives the logits of transformers for a prompt', async () => {
    const logits = await serveInSteps(base, undefined, facts.ids, [tokens])
    expect(difference(logits, expected.get('logits')!).relative).toBeLessThan(TOLERANCE)
  })

  it('gives the logits of transformers token by token', async () => {
    const steps = [facts.prefillTokens, ...Array(tokens - facts.prefillTokens).fill(1)]
    const logits = await serveInSteps(base, undefined, facts.ids, steps)
    expect(difference(logits, expected.get('cached_logits')!).relative).toBeLessThan(TOLERANCE)
  })

  it('gives the logits of PEFT with an adapter', async () => {
    const logits = await serveInSteps(base, adapter, facts.ids, [facts.prefillTokens, tokens - facts.prefillTokens])
    expect(difference(logits, expected.get('adapted_logits')!).relative).toBeLessThan(TOLERANCE)
  })

  it("has PEFT's loss and gradient in a LoRA training step", async () => {
    const session = await openSession(buildTrainingGraph(config, trained, { kind: 'gradient' }))
    const parameters = floats(adapter.weights, [adapter.weights.length])
    const outputs = await session.run({ ...batchInputs(batch), parameters })
    await session.release()
    const loss = floatsOf(outputs, 'losses').reduce((sum, row) => sum + row, 0)
    expect(Math.abs(loss - facts.loss) / facts.loss).toBeLessThan(TOLERANCE)
    expect(difference(floatsOf(outputs, 'gradient'), gradients()).relative).toBeLessThan(TOLERANCE)
  })

  it("has torch's gradient by gains, biases and the ends of the model", async () => {
    const session = await openSession(buildTrainingGraph(config, { kind: 'full' }, { kind: 'gradient' }))
    const parameters = vectorOfWeights(config, weights)
    const outputs = await session.run({ ...batchInputs(batch), parameters: floats(parameters, [parameters.length]) })
    await session.release()
    const gradient = weightsOfVector(config, floatsOf(outputs, 'gradient'))
    const stored = [...expected].filter(([tensor]) => tensor.startsWith('full.'))
    const gainsAndBiases = modelParameters(config).filter(({ shape }) => shape.length === 1)
    expect(stored.length).toBeGreaterThanOrEqual(gainsAndBiases.length)
    for (const [tensor, values] of stored) {
      expect(difference(gradient.get(tensor.slice('full.'.length))!, values).relative, tensor).toBeLessThan(TOLERANCE)
    }
  })

  it('has gradients of single records that sum up to that gradient', async () => {
    const rows = await RowsGradients.create(base, adapter.lora)
    const perRow = await rows.gradients(adapter.weights, batch)
    await rows.release()
    const sum = new Float32Array(rows.parameters)
    for (let i = 0; i < perRow.length; i++) sum[i % sum.length]! += perRow[i]!
    expect(difference(sum, gradients()).relative).toBeLessThan(TOLERANCE)
  })
})

describe.each(Object.keys(EXPORTED))('an adapter for %s that was exported', async (name) => {
  const base = await openReference(name)
  const { adapter, files } = exportAdapter(name, base.config)

  it('is the one that PEFT read', () => {
    for (const [file, bytes] of Object.entries(files)) {
      expect(Buffer.compare(bytes, readReference('exported', name, file)), file).toBe(0)
    }
  })

  it('gives the logits that PEFT gives with it', async () => {
    const { ids } = readReferenceJson<ReferenceFacts>('models', name, 'expected.json')
    const expected = referenceTensors('exported', name, 'expected.safetensors')
    const logits = await serveInSteps(base, adapter, ids, [ids.length])
    expect(difference(logits, expected.get('logits')!).relative).toBeLessThan(TOLERANCE)
  })

  it("has the files of PEFT's own adapters when these are written again", async () => {
    const own = await openReference(name)
    const file = writePeftWeights(own.config, own.adapter.lora, own.adapter.weights)
    const { tensors } = readSafetensors(
      new Uint8Array(readReference('models', name, 'adapter', 'adapter_model.safetensors')),
    )
    expect(readSafetensors(file).tensors).toEqual(tensors)
  })
})

describe('a model that is computed without', () => {
  it.each([
    ['its scaled angles', 'llama-3', { rotaryScaling: undefined }],
    ['its slowed angles', 'llama-biased', { rotaryScaling: undefined }],
    ['its YaRN angles', 'qwen-2', { rotaryScaling: undefined }],
    ['its rotary base', 'llama-3', { ropeTheta: 10_000 }],
    ['its biases', 'llama-biased', { biases: [] }],
    ['the biases of queries, keys and values', 'qwen-2', { biases: [] }],
    ['its window', 'mistral', { slidingWindow: undefined }],
    ['the window of one layer', 'qwen-3', { slidingWindow: undefined }],
    ['a window of the right size', 'mistral', { slidingWindow: { tokens: 8, layers: [0, 1] } }],
    ['its head norms', 'qwen-3', { hasHeadNorms: undefined }],
    ['its layer without angles', 'smollm-3', { unrotatedLayers: [] }],
    ['its epsilon', 'llama-2', { rmsNormEps: 1e-2 }],
  ] as [string, string, ModelConfig][])(
    '%s gives other logits, so the comparison would show it',
    async (_, name, change) => {
      const base = await openReference(name)
      const { ids } = readReferenceJson<ReferenceFacts>('models', name, 'expected.json')
      const expected = referenceTensors('models', name, 'expected.safetensors')
      const logits = await serveInSteps({ ...base, config: { ...base.config, ...change } }, undefined, ids, [
        ids.length,
      ])
      expect(difference(logits, expected.get('logits')!).relative).toBeGreaterThan(50 * TOLERANCE)
    },
  )
})

it('every projection is trained by an adapter of some model', async () => {
  const targets = await Promise.all(
    REFERENCE_MODELS.map(async (name) => (await openReference(name)).adapter.lora.targets),
  )
  expect(new Set(targets.flat())).toEqual(new Set(PROJECTIONS))
})

it('an AdamW step leads where it leads in torch', async () => {
  const base = await openReference('llama-3')
  const { adapter, config, weights } = base
  const facts = readReferenceJson<ReferenceFacts>('models', 'llama-3', 'expected.json')
  const expected = referenceTensors('models', 'llama-3', 'expected.safetensors')
  const batch = tokenBatch(facts.batch, (predicted) => 1 / (predicted * facts.batch.length))
  const trained = { kind: 'lora', weights, lora: adapter.lora } as const
  const trainer = await Trainer.create(config, trained, adapter.weights, OPTIMISER)
  const { gradientNorm, loss } = await trainer.step(batch, facts.learningRate)
  expect(loss).toBeCloseTo(facts.loss, 4)
  expect(gradientNorm).toBeCloseTo(facts.gradientNorm, 4)
  const next = adapterVector(base, adapter, (tensor) => expected.get(`next.${tensor}`)!)
  expect(difference(trainer.parameters, next).absolute).toBeLessThan(0.01 * facts.learningRate)
  await trainer.release()
})
