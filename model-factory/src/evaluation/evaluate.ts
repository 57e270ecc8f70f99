/** Measures an adapter against its base on the records that were held out, and stores the report. */
import type { ContentStore } from '@openledger/content-store'
import {
  type Adapter,
  type BaseModel,
  type Example,
  initialAdapter,
  LossMeter,
  openAdapter,
  RUNTIME,
  recordExample,
  type Tokenizer,
} from '@openledger/language-model'
import { type Digest, digestOfCid, MerkleTree } from '@openledger/protocol'
import { layRows, measuringBatches } from '../batches.ts'
import type { trainAdapter } from '../train-adapter.ts'
import { type Contamination, findContamination } from './contamination.ts'
import { type SampleOutput, sampleOutputs } from './sample-outputs.ts'

const SAMPLES = 3
const SAMPLE_TOKENS = 24

/** The report, as it lies in the content store; `reportDigest` of an evaluation on chain is its digest. */
export type EvaluationReport = {
  kind: 'openledger/evaluation@1'
  /** Digest of the model manifest: the model's `artefactDigest` on chain. */
  artefactDigest: Digest
  base: `0x${string}`
  /** CID of the training manifest, whose records of split "validation" were measured, in its order. */
  training: string
  /** Merkle root over those records' digests: `dataDigest` on chain. */
  dataDigest: Digest
  heldOut: number
  /** Mean nats per predicted token; perplexity is e to that. */
  loss: { base: number; adapter: number }
  perplexity: { base: number; adapter: number }
  contamination: Contamination
  /** Greedy continuations of the beginnings of held-out records. */
  samples: SampleOutput[]
  engine: { runtime: string; platform: string }
}

export type Evaluation = { cid: string; reportDigest: Digest; report: EvaluationReport }

export async function evaluateAdapter(
  contentStore: ContentStore,
  base: BaseModel & { tokenizer: Tokenizer },
  trained: trainAdapter.Result,
  textOf: ReadonlyMap<Digest, string>,
): Promise<Evaluation> {
  const adapter = await openAdapter(base.config, (name) => contentStore.get(trained.files[name]!))
  const { recipe, records } = trained.training
  const ofSplit = (wanted: string) => records.filter(({ split }) => split === wanted).map(({ digest }) => digest)
  const heldOut = ofSplit('validation')
  const sequences = heldOut.map((digest) => recordExample(base.tokenizer, textOf.get(digest)!, recipe))
  const loss = await measure(base, adapter, sequences, recipe.batchSize)
  const texts = (digests: readonly Digest[]) => digests.map((digest) => textOf.get(digest)!)
  const prompts = sequences
    .filter(({ tokens }) => tokens.length >= 6)
    .slice(0, SAMPLES)
    .map(({ tokens, given }) => tokens.slice(0, given > 1 ? given : Math.max(2, Math.floor(tokens.length / 3))))
  const report: EvaluationReport = {
    kind: 'openledger/evaluation@1',
    artefactDigest: trained.artefactDigest,
    base: trained.training.base,
    training: trained.trainingCid,
    dataDigest: new MerkleTree(heldOut).root,
    heldOut: heldOut.length,
    loss,
    perplexity: { base: Math.exp(loss.base), adapter: Math.exp(loss.adapter) },
    contamination: findContamination(texts(ofSplit('train')), texts(heldOut)),
    samples: await sampleOutputs(base, adapter, prompts, SAMPLE_TOKENS),
    engine: { runtime: RUNTIME, platform: `${process.platform}-${process.arch}` },
  }
  const cid = await contentStore.putJson(report)
  return { cid, reportDigest: digestOfCid(cid), report }
}

/** A fresh adapter's B is zero, so it is the base. */
async function measure(
  { config, weights }: BaseModel,
  adapter: Adapter,
  examples: readonly Example[],
  batchSize: number,
): Promise<{ base: number; adapter: number }> {
  const meter = await LossMeter.create(config, { kind: 'lora', weights, lora: adapter.lora })
  try {
    const totals = { base: 0, adapter: 0 }
    const fresh = initialAdapter(config, adapter.lora, 0)
    for (const batch of measuringBatches(layRows(examples, 0, false), batchSize)) {
      totals.base += (await meter.losses(fresh, batch)).reduce((sum, loss) => sum + loss, 0)
      totals.adapter += (await meter.losses(adapter.weights, batch)).reduce((sum, loss) => sum + loss, 0)
    }
    return totals
  } finally {
    await meter.release()
  }
}
