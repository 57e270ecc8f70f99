/** For tests: an adapter that was really trained, on records of several authors, stored as model-factory stores it. */
import {
  initialAdapter,
  recordTokens,
  seededRandom,
  Trainer,
  tokenBatch,
  writePeftWeights,
} from '@openledger/language-model'
import { cidOfDigest, type Digest, digestOfCid, type TrainingManifest } from '@openledger/protocol'
import type { Base } from '../features/trained-model.ts'
import type { MemoryContentStore } from './memory-content-store.ts'
import { TINY_LORA } from './tiny-language-model.ts'

export type Authored = { author: `0x${string}`; text: string }

export type TrainedAdapter = { trainingCid: string; training: TrainingManifest; digests: Digest[] }

const OPTIMISER = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 }
const CONTEXT_TOKENS = 40
const DATANET = `0x${'d0'.repeat(32)}` as const

/** @param records all are trained on but the last, which validates */
export async function trainAdapter(
  base: Base,
  content: MemoryContentStore,
  records: readonly Authored[],
  seeds: readonly number[],
): Promise<TrainedAdapter> {
  const trained = { kind: 'lora' as const, weights: base.weights, lora: TINY_LORA }
  const sequences = records.slice(0, -1).map(({ text }) => recordTokens(base.tokenizer, text, CONTEXT_TOKENS))
  const checkpoints: TrainingManifest['checkpoints'] = []
  for (const seed of seeds) {
    const initial = initialAdapter(base.config, TINY_LORA, seed)
    const trainer = await Trainer.create(base.config, trained, initial, OPTIMISER)
    const random = seededRandom(seed)
    const keep = async (name: TrainingManifest['checkpoints'][number]['name']) => {
      const cid = await content.put(writePeftWeights(base.config, TINY_LORA, trainer.parameters))
      checkpoints.push({ seed, name, cid })
    }
    await keep('initial')
    for (const name of ['epoch-1', 'epoch-2', 'final'] as const) {
      const order = random.shuffle(sequences)
      for (let at = 0; at < order.length; at += 4) {
        await trainer.step(
          tokenBatch(order.slice(at, at + 4), (predicted) => 1 / predicted / 4),
          5e-3,
        )
      }
      await keep(name)
    }
    await trainer.release()
  }
  const digests: Digest[] = []
  for (const { text } of records) digests.push(digestOfCid(await content.put(new TextEncoder().encode(text))))
  const training: TrainingManifest = {
    kind: 'openledger/training@1',
    base: `0x${'ba'.repeat(32)}`,
    datanets: [{ id: DATANET, version: 1, asOfBlock: 1 }],
    clusters: cidOfDigest(`0x${'c1'.repeat(32)}`),
    recipe: {
      ...TINY_LORA,
      targets: [...TINY_LORA.targets],
      learningRate: 5e-3,
      warmupSteps: 0,
      epochs: 3,
      batchSize: 4,
      contextTokens: CONTEXT_TOKENS,
      seeds: [...seeds],
      validationShare: 1 / records.length,
    },
    records: records.map(({ author }, i) => ({
      digest: digests[i]!,
      contributionId: `${DATANET}-1`,
      contributor: author,
      split: i === records.length - 1 ? 'validation' : 'train',
    })),
    checkpoints,
    metrics: { lossBefore: 2, lossAfter: 1, trainTokens: 1, seconds: 1 },
    engine: {},
  }
  return { trainingCid: await content.putJson(training), training, digests }
}
