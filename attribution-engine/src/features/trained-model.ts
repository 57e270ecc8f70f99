/** What an adapter was trained from, as attribution reads it: its recipe, its checkpoints, its records. */
import type { ContentStore } from '@openledger/content-store'
import {
  type BaseModel,
  type LoraConfig,
  PROJECTIONS,
  readPeftWeights,
  recordExample,
  type Tokenizer,
} from '@openledger/language-model'
import {
  type CheckpointName,
  cidOfDigest,
  OpenLedgerError,
  parseManifest,
  TrainingManifest,
  type TrainingRecord,
} from '@openledger/protocol'
import { answerSequence, type Sequence } from './gradient-source.ts'
import type { Checkpoints } from './gradient-task.ts'

export type Base = BaseModel & { tokenizer: Tokenizer }

type Content = Pick<ContentStore, 'get'>

/** One feature layer to be: where the adapter stood. */
export type Layer = { seed: number; checkpoint: CheckpointName; cid: string }

/**
 * Influence is measured where most is learned: at the start and after the first two epochs. The final adapter predicts
 * retraining worst (.749 against .851 for these three), unless training ends after the second epoch.
 */
function attributedCheckpoints({ recipe }: TrainingManifest): readonly CheckpointName[] {
  return ['initial', 'epoch-1', recipe.epochs === 2 ? 'final' : 'epoch-2']
}

export async function readTraining(content: Content, cid: string): Promise<TrainingManifest> {
  return parseManifest(TrainingManifest, await content.get(cid), 'training manifest')
}

/**
 * The layers of an adapter's features: by seed in the recipe's order, then by checkpoint.
 * @throws influence.no_such_checkpoint unless every seed has all three; influence.same_checkpoint where two are equal
 */
export function layersOf(training: TrainingManifest): Layer[] {
  const layers = training.recipe.seeds.flatMap((seed) =>
    attributedCheckpoints(training).map((checkpoint) => ({
      seed,
      checkpoint,
      cid: checkpointCid(training, seed, checkpoint),
    })),
  )
  refuseRepeatedCheckpoints(layers.map(({ cid }) => cid))
  return layers
}

/** @throws influence.no_such_checkpoint */
export function checkpointCid(training: TrainingManifest, seed: number, name: CheckpointName): string {
  const found = training.checkpoints.find((checkpoint) => checkpoint.seed === seed && checkpoint.name === name)
  if (found) return found.cid
  throw new OpenLedgerError('influence.no_such_checkpoint', 'The training manifest has no such checkpoint.', {
    facts: { seed, checkpoint: name, checkpoints: training.checkpoints.length },
    nextStep: 'Train the adapter for at least two epochs, with this project’s model factory.',
  })
}

/** @throws influence.recipe_unsupported for a target that the base does not have */
export function loraOf({ recipe }: TrainingManifest): LoraConfig {
  const targets = PROJECTIONS.filter((name) => recipe.targets.includes(name))
  if (targets.length !== recipe.targets.length) {
    throw new OpenLedgerError('influence.recipe_unsupported', 'The recipe trains what the base model does not have.', {
      facts: { targets: recipe.targets.join(', '), known: PROJECTIONS.join(', ') },
      nextStep: 'Use an adapter on the projections that are known here.',
    })
  }
  return { rank: recipe.rank, alpha: recipe.alpha, targets }
}

/** Checkpoints are known by their content: two layers of one would be one gradient that counts twice. */
function refuseRepeatedCheckpoints(cids: readonly string[]): void {
  const different = new Set(cids).size
  if (different === cids.length) return
  throw new OpenLedgerError('influence.same_checkpoint', 'Two checkpoints of the adapter are the same.', {
    facts: { checkpoints: cids.length, different },
    nextStep: 'Train with different seeds and a learning rate above zero: equal checkpoints give no uncertainty.',
  })
}

/**
 * Adapters by CID, in the order given.
 * @throws influence.same_checkpoint; content.missing, and what the reader of PEFT files throws
 */
export async function readCheckpoints(
  content: Content,
  base: BaseModel,
  lora: LoraConfig,
  cids: readonly string[],
): Promise<Checkpoints> {
  refuseRepeatedCheckpoints(cids)
  const adapters = new Map<string, Float32Array>()
  for (const cid of cids) adapters.set(cid, readPeftWeights(base.config, lora, await content.get(cid)))
  return adapters
}

/** @throws content.missing; influence.record_not_text */
export async function readRecordText(content: Content, { digest }: Pick<TrainingRecord, 'digest'>): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await content.get(cidOfDigest(digest)))
  } catch (cause) {
    if (cause instanceof OpenLedgerError) throw cause
    throw new OpenLedgerError('influence.record_not_text', 'A training record is not text in UTF-8.', {
      facts: { record: digest },
      nextStep: 'A language model cannot have been trained on it: dispute the training manifest.',
      cause,
    })
  }
}

/** The records that were trained on, in the manifest's order, as they were trained on. */
export async function readSequences(
  content: Content,
  base: Base,
  training: TrainingManifest,
): Promise<{ digests: `0x${string}`[]; sequences: Sequence[] }> {
  const records = training.records.filter((record) => record.split === 'train')
  const sequences: Sequence[] = []
  for (const record of records) {
    const text = await readRecordText(content, record)
    const { tokens, given } = recordExample(base.tokenizer, text, training.recipe)
    sequences.push(answerSequence(tokens.slice(0, given), tokens.slice(given)))
  }
  return { digests: records.map((record) => record.digest), sequences }
}
