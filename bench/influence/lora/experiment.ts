/**
 * The experiment that tells methods of attribution apart: a LoRA adapter on the shipped base, trained on 240 records out
 * of installed packages, trained again on halves of them, and what that does to the losses of texts it never saw.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BaseModel,
  type LoraConfig,
  openBaseModel,
  type Random,
  seededRandom,
  type Tokenizer,
} from '@openledger/language-model'
import { SHIPPED_BASE } from '@openledger/model-factory'
import { SETS, type SetName, type SourceName } from './sources.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Tokens of a record after its beginning mark. */
const RECORD_TOKENS = 32

export const RECIPE = {
  rank: 4,
  alpha: 8,
  targets: ['q', 'v', 'o', 'up', 'down'],
  learningRate: 0.005,
  warmupSteps: 6,
  epochs: 3,
  batchSize: 8,
} as const

export const LORA: LoraConfig = { rank: RECIPE.rank, alpha: RECIPE.alpha, targets: RECIPE.targets }

/** Of both sets. */
export const RECORDS = 240
export const SUBSETS = 80
/** Never among the seeds that influence is measured with. */
export const TRUTH_SEEDS = [1, 2] as const
export const INFLUENCE_SEEDS = [11, 12] as const

export type Text = { source: string; tokens: number[]; text: string }

export type Experiment = {
  set: SetName
  base: BaseModel & { tokenizer: Tokenizer }
  records: Text[]
  targets: Text[]
  /** Of everything that decides the truth. */
  hash: string
}

export async function openExperiment(set: SetName): Promise<Experiment> {
  const base = await openBaseModel(async (name) => readFileSync(join(SHIPPED_BASE, name)), readdirSync(SHIPPED_BASE))
  const { sources, recordsEach, targetsEach } = SETS[set]
  const records: Text[] = []
  const targets: Text[] = []
  for (const [place, source] of sources.entries()) {
    const texts = cutTexts(base.tokenizer, source, recordsEach + targetsEach, seededRandom(700 + place))
    targets.push(...texts.slice(0, targetsEach))
    records.push(...texts.slice(targetsEach))
  }
  const shuffled = seededRandom(7).shuffle(records)
  const weights = createHash('sha256')
    .update(readFileSync(join(SHIPPED_BASE, 'model.safetensors')))
    .digest('hex')
  const about = [weights, RECIPE, shuffled.map(({ tokens }) => tokens), targets.map(({ tokens }) => tokens)]
  const hash = createHash('sha256').update(JSON.stringify(about)).digest('hex')
  return { set, base, records: shuffled, targets, hash }
}

/** Half of the records, by the number of the subset: the same for every seed. */
export function subsetOf(records: number, subset: number): number[] {
  const all = Array.from({ length: records }, (_, i) => i)
  return seededRandom(5000 + subset)
    .shuffle(all)
    .slice(0, records >> 1)
    .sort((a, b) => a - b)
}

/** `count` pieces of a source that do not overlap, each of them beginning with a line. */
function cutTexts(tokenizer: Tokenizer, source: SourceName, count: number, random: Random): Text[] {
  const text = readSource(source)
  const starts = [...text.matchAll(/^(?=[\t ]*\S)/gm)].map(({ index }) => index)
  const used: { start: number; end: number }[] = []
  const texts: Text[] = []
  for (const start of random.shuffle(starts)) {
    const ids = tokenizer.encode(text.slice(start, start + 600)).slice(0, RECORD_TOKENS)
    const piece = tokenizer.decode(ids)
    const end = start + piece.length
    if (ids.length < RECORD_TOKENS || !isProse(piece)) continue
    if (used.some((other) => start < other.end && other.start < end)) continue
    used.push({ start, end })
    texts.push({ source: source.package, tokens: [tokenizer.bosId, ...ids], text: piece })
    if (texts.length === count) return texts
  }
  throw new Error(`${source.package} holds ${texts.length} pieces, ${count} are needed`)
}

function readSource({ package: name, folder, files }: SourceName): string {
  const path = join(ROOT, 'node_modules', name, folder)
  return readdirSync(path, { withFileTypes: true, recursive: folder !== '.' })
    .filter((entry) => entry.isFile() && files.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\/(node_modules|tests?|mocks)\//.test(file.slice(path.length)))
    .sort()
    .map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n'))
    .join('\n')
}

/** No tables of links or numbers. */
function isProse(text: string): boolean {
  const letters = text.match(/[A-Za-z]/g)?.length ?? 0
  return letters / text.length > 0.5 && (text.match(/https?:/g)?.length ?? 0) < 2 && /^[\t\n -~]*$/.test(text)
}
