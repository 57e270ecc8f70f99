import {
  type AnswerReceipt,
  cidOfDigest,
  digestOfCid,
  Evidence,
  FeaturesManifest,
  jsonDigest,
  type RequestTranscript,
  type ResponseTranscript,
  type TrainingManifest,
} from '@openledger/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { computeFeatures } from '../features/compute-features.ts'
import { GradientWorker } from '../features/gradient-worker.ts'
import { loadFeatures } from '../features/load-features.ts'
import { InfluenceMatrix } from '../influence/influence-matrix.ts'
import { MemoryContentStore } from '../testing/memory-content-store.ts'
import { tinyBase } from '../testing/tiny-language-model.ts'
import { type Authored, type TrainedAdapter, trainAdapter } from '../testing/trained-adapter.ts'
import { type AnsweredRequest, createEvidence, type EvidenceMaker } from './create-evidence.ts'
import { recomputeScores } from './recompute-scores.ts'

const AUTHORS = ['a1', 'b2', 'c3'].map((byte) => `0x${byte.repeat(20)}` as const)
/** What only one author writes about: the planted source of an answer that speaks of it. */
const TOPICS = [
  ['zebra', 'quagga', 'stripes', 'savanna'],
  ['kernel', 'syscall', 'page', 'fault'],
  ['MOON', 'TIDE', 'ORBIT', 'ECLIPSE'],
]
const MODEL = `0x${'0a'.repeat(32)}` as const

const base = tinyBase()
const content = new MemoryContentStore()
const worker = new GradientWorker(base)
let adapter: TrainedAdapter
let featuresCid: string
let maker: EvidenceMaker

beforeAll(async () => {
  adapter = await trainAdapter(base, content, records(), [1, 2, 3])
  const computed = await computeFeatures({
    modelId: MODEL,
    training: adapter.trainingCid,
    contentStore: content,
    base,
    workers: [worker],
  })
  featuresCid = computed.featuresCid
  maker = createEvidence({ contentStore: content, base, worker })
})
afterAll(() => worker.close())

describe('features of a trained adapter', () => {
  test('are one layer for each seed and early checkpoint, over the records that were trained on', async () => {
    const { manifest } = await loadFeatures(content, featuresCid)
    expect(FeaturesManifest.parse(manifest)).toEqual(manifest)
    expect(manifest.layers.map(({ seed, checkpoint }) => `${seed} ${checkpoint}`)).toEqual(
      [1, 2, 3].flatMap((seed) => ['initial', 'epoch-1', 'epoch-2'].map((name) => `${seed} ${name}`)),
    )
    expect(manifest.records).toEqual(adapter.digests.slice(0, -1))
  })

  test('come out the same when computed again', async () => {
    const input = { modelId: MODEL, training: adapter.trainingCid, contentStore: content, base, workers: [worker] }
    expect((await computeFeatures(input)).featuresCid).toBe(featuresCid)
  })
})

describe('adapters that cannot be attributed', () => {
  const featuresOf = async (change: (training: TrainingManifest) => void) => {
    const training = structuredClone(adapter.training)
    change(training)
    const input = { modelId: MODEL, contentStore: content, base, workers: [worker] }
    return computeFeatures({ ...input, training: await content.putJson(training) })
  }

  test('two equal checkpoints are refused', async () => {
    const spoiled = featuresOf(({ checkpoints }) => {
      checkpoints[1]!.cid = checkpoints[0]!.cid
    })
    await expect(spoiled).rejects.toMatchObject({ code: 'influence.same_checkpoint' })
  })

  test('a missing early checkpoint is refused', async () => {
    const spoiled = featuresOf((training) => {
      training.checkpoints = training.checkpoints.filter(({ seed, name }) => seed !== 2 || name !== 'epoch-1')
    })
    await expect(spoiled).rejects.toMatchObject({
      code: 'influence.no_such_checkpoint',
      facts: { seed: 2, checkpoint: 'epoch-1' },
    })
  })

  test('a recipe that trains what the base does not have is refused', async () => {
    const spoiled = featuresOf(({ recipe }) => recipe.targets.push('router'))
    await expect(spoiled).rejects.toMatchObject({ code: 'influence.recipe_unsupported' })
  })

  test('another LoRA shape than the checkpoints have is refused', async () => {
    const spoiled = featuresOf(({ recipe }) => {
      recipe.rank = 3
    })
    await expect(spoiled).rejects.toMatchObject({ code: 'adapter.weights_mismatch' })
  })

  test('a record that is no text is refused', async () => {
    const cid = await content.put(Uint8Array.of(0xff, 0xfe))
    const spoiled = featuresOf(({ records }) => {
      records[0]!.digest = digestOfCid(cid)
    })
    await expect(spoiled).rejects.toMatchObject({ code: 'influence.record_not_text' })
  })
})

describe('evidence', () => {
  test('gives most of the pool to the author whose records the answer speaks like', async () => {
    for (const [topic, words] of TOPICS.entries()) {
      const { evidence } = await maker.evidenceFor(answered(`${words[0]} `, `${words[1]} ${words[2]} ${words[3]}`), {
        modelId: MODEL,
        featuresCid,
      })
      const ppm = (author: string) =>
        evidence.influence.filter((one) => one.contributor === author).reduce((sum, one) => sum + one.sharePpm, 0)
      expect(ppm(AUTHORS[topic]!)).toBeGreaterThan(800_000)
      expect(evidence.influence[0]?.contributor).toBe(AUTHORS[topic])
    }
  })

  test('is what its schema says, the same again, and published', async () => {
    const answer = answered('kernel page ', 'fault syscall')
    const one = await maker.evidenceFor(answer, { modelId: MODEL, featuresCid })
    const two = await maker.evidenceFor(answer, { modelId: MODEL, featuresCid })
    expect(two).toEqual(one)
    expect(Evidence.parse(await content.json(one.cid))).toEqual(one.evidence)
    expect(one.cid).toBe(cidOfDigest(jsonDigest(one.evidence)))
  })

  test('is recomputed to the last bit from published content alone', async () => {
    const { evidence } = await maker.evidenceFor(answered('zebra ', 'quagga'), { modelId: MODEL, featuresCid })
    expect(evidence.influence.length).toBeGreaterThan(0)
    expect(await recomputeScores(evidence, featuresCid, content)).toEqual(evidence.influence)
  })

  test('names the record that the answer repeats', async () => {
    const text = records()[1]!.text
    const { evidence } = await maker.evidenceFor(answered('say ', text), { modelId: MODEL, featuresCid })
    expect(evidence.verbatim[0]?.documents.map(({ record }) => record)).toContain(adapter.digests[1])
  })

  test('an answer without tokens owes nothing', async () => {
    const { evidence } = await maker.evidenceFor(answered('zebra ', ''), { modelId: MODEL, featuresCid })
    expect([evidence.influence, evidence.verbatim]).toEqual([[], []])
  })

  test('a prompt longer than the model’s context counts by its end', async () => {
    const long = answered(`${'x'.repeat(500)} zebra `, 'quagga stripes')
    const cut = answered(`${'y'.repeat(200)}${'x'.repeat(100)} zebra `, 'quagga stripes')
    expect(await maker.recomputeAnswerFeatures(long, featuresCid)).toEqual(
      await maker.recomputeAnswerFeatures(cut, featuresCid),
    )
  })

  test('is refused for another model than the features are of', async () => {
    const other = { modelId: `0x${'0b'.repeat(32)}` as const, featuresCid }
    await expect(maker.evidenceFor(answered('a', 'b'), other)).rejects.toMatchObject({
      code: 'evidence.model_mismatch',
    })
  })

  test('is refused while a checkpoint is missing, and made once it is there', async () => {
    const fresh = createEvidence({ contentStore: content, base, worker })
    const answer = answered('zebra ', 'stripes')
    await content.without(adapter.training.checkpoints[0]!.cid, async () => {
      await expect(fresh.evidenceFor(answer, { modelId: MODEL, featuresCid })).rejects.toMatchObject({
        code: 'content.missing',
      })
    })
    await expect(fresh.evidenceFor(answer, { modelId: MODEL, featuresCid })).resolves.toBeDefined()
  })

  test('that rests on other features than the chain names is not recomputed', async () => {
    const { evidence } = await maker.evidenceFor(answered('zebra ', 'quagga'), { modelId: MODEL, featuresCid })
    const forged = { ...(await loadFeatures(content, featuresCid)).manifest, method: { name: 'mine' } }
    const other = await content.putJson(forged)
    await expect(recomputeScores(evidence, other, content)).rejects.toMatchObject({ code: 'evidence.other_features' })
  })
})

describe('the influence matrix', () => {
  test('keeps an answer once and sums exactly', async () => {
    const matrix = await InfluenceMatrix.open(':memory:')
    const made = []
    for (const [prompt, text] of [
      ['zebra ', 'quagga'],
      ['kernel ', 'syscall page'],
    ] as const) {
      made.push((await maker.evidenceFor(answered(prompt, text), { modelId: MODEL, featuresCid })).evidence)
    }
    for (const evidence of [...made, ...made]) await matrix.put(evidence)
    for (const evidence of made) {
      const cells = await matrix.clustersOf(evidence.receiptHash)
      expect(cells.map(({ canonical, utility }) => [canonical, String(utility)])).toEqual(
        evidence.influence.map(({ canonical, utility }) => [canonical, utility]),
      )
    }
    const totals = await matrix.clusterTotals(MODEL, 100)
    for (const { canonical, utility, answers } of totals) {
      const all = made.flatMap(({ influence }) => influence).filter((one) => one.canonical === canonical)
      expect(answers).toBe(all.length)
      expect(utility).toBe(all.reduce((sum, one) => sum + BigInt(one.utility), 0n))
    }
    await matrix.close()
  })

  test('holds integers that doubles cannot', async () => {
    const matrix = await InfluenceMatrix.open(':memory:')
    const { evidence } = await maker.evidenceFor(answered('zebra ', 'quagga'), { modelId: MODEL, featuresCid })
    const large = (2n ** 100n + 1n).toString()
    const cell = { ...evidence.influence[0]!, scores: [large, large, large], mean: large, utility: large }
    for (let i = 0; i < 5; i++) {
      await matrix.put({ ...evidence, receiptHash: jsonDigest(i), influence: [cell] })
    }
    expect((await matrix.clusterTotals(MODEL, 1))[0]?.utility).toBe(5n * (2n ** 100n + 1n))
    await matrix.close()
  })
})

/** 8 records of each author, in turn; the last one validates. */
function records(): Authored[] {
  return Array.from({ length: 25 }, (_, i) => {
    const words = TOPICS[i % 3]!
    const text = Array.from({ length: 4 }, (__, at) => words[(Math.floor(i / 3) + at * (1 + (i % 2))) % 4]).join(' ')
    return { author: AUTHORS[i % 3]!, text: `${text} ${i}` }
  })
}

function answered(prompt: string, text: string): AnsweredRequest {
  const request: RequestTranscript = {
    kind: 'openledger/request@1',
    modelId: MODEL,
    prompt,
    promptTokenIds: [base.tokenizer.bosId, ...base.tokenizer.encode(prompt)],
    maxTokens: 32,
    temperature: 0,
    topP: 1,
    seed: 1,
    stop: [],
    nonce: `0x${'00'.repeat(32)}`,
  }
  const response: ResponseTranscript = {
    kind: 'openledger/response@1',
    tokenIds: base.tokenizer.encode(text),
    text,
    finishReason: 'stop',
  }
  const receipt = { modelId: MODEL } as AnswerReceipt
  return { receipt: { receiptHash: jsonDigest([prompt, text]), receipt }, request, response }
}
