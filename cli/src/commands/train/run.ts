import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type PreflightReport,
  preflightInProcess,
  Registrar,
  type RunSpec,
  readRunSpec,
  trainInProcess,
} from '@openledger/model-factory'
import { canonicalJson, digestOf, OpenLedgerError, orderRecipe } from '@openledger/protocol'
import { createLog } from '@openledger/protocol/service'
import { type OpenLedger, REQUEST_TRAINING, requestTrainingCalls, storeJson } from '@openledger/sdk'
import { Command } from 'commander'
import { amountOf, idOf, wholeOf } from '../../client/arguments.ts'
import { note, printFacts, printJson } from '../../client/print.ts'
import { printPreflight } from '../../client/print-preflight.ts'
import { type SendingFlags, sends } from '../../client/session.ts'
import { followRun, TrainingProgress } from '../../client/training-progress.ts'
import { transact } from '../../client/transact.ts'
import { signing } from '../../client/with-network.ts'
import { readSettings } from '../../settings.ts'

const DAY_SECONDS = 86_400
const SAVE_EVERY_MS = 2_000
/** What a training here costs nobody. */
const FREE = '0'

/** What the noun shows too. */
export const EXAMPLES = `
Examples:
  openledger train 0xd1… --name proverbs --account trainer --dry-run    what would be trained on, and why not
  openledger train 0xd1… --name proverbs --account trainer              train here
  openledger train 0xd1… --name proverbs --recipe '{"epochs":4}' --queue --account trainer
  openledger train 0xd1… --name proverbs --budget 5 --account alice     order it on chain
  openledger train list                                                 what the factory trains`

/** `openledger train run <datanet…>`: here and now, by the factory of the network, or for a budget by whoever accepts. */
export function runCommand(): Command {
  const command = new Command('run')
    .description(
      'check every record, train here, evaluate, and register the model as yours; cut off, it goes on when run again',
    )
    .argument('<datanets...>', 'ids of the Datanets')
    .requiredOption('--name <name>', 'name of the model')
    .option('--recipe <json>', 'fields that differ from the default, as JSON or @file: \'{"kind":"lora","rank":8}\'')
    .option('--base <model>', 'id of the base model (the newest that fits)')
    .option('--licence <spdx>', 'licence of the model (those of the Datanets)')
    .option('--royalty-ppm <ppm>', 'part of derived models’ income, in parts per million', '0')
    .option('--max-seconds <count>', 'longest time that it may take', '21600')
    .option('--max-memory-mb <count>', 'most memory of each of its processes', '4096')
    .option('--queue', 'let the factory of this network train it, and follow it')
    .option('--detach', 'with --queue: do not follow it')
    .option('--budget <amount>', 'in OPEN: put this into escrow and ask staked agents to train')
    .option('--days <count>', 'with --budget: days to deliver in', '7')
    .addHelpText('after', EXAMPLES)
    .action((datanets: string[], flags: Flags) =>
      signing(flags, async (openledger) => {
        const spec = specOf(datanets, flags)
        if (flags.queue === true && flags.dryRun !== true) return queue(openledger, spec, flags)
        const report = await preflight(openledger, spec)
        if (flags.budget !== undefined) return order(openledger, spec, report, flags, amountOf(flags.budget))
        if (flags.dryRun === true) return printPreflight(report, flags.json === true)
        return trainHere(openledger, spec, report, flags)
      }),
    )
  return sends(command)
}

type Flags = SendingFlags & {
  name: string
  recipe?: string
  base?: string
  licence?: string
  royaltyPpm: string
  maxSeconds: string
  maxMemoryMb: string
  queue?: boolean
  detach?: boolean
  budget?: string
  days: string
}

function specOf(datanets: readonly string[], flags: Flags): RunSpec {
  return readRunSpec({
    name: flags.name,
    datanets: datanets.map(idOf),
    recipe: recipeOf(flags.recipe),
    ...(flags.base === undefined ? {} : { baseModel: idOf(flags.base) }),
    ...(flags.licence === undefined ? {} : { licence: flags.licence }),
    royaltyPpm: wholeOf(flags.royaltyPpm, 0, 1_000_000),
    maxSeconds: wholeOf(flags.maxSeconds, 1, 23 * 3_600),
    maxMemoryMb: wholeOf(flags.maxMemoryMb, 64, 1 << 20),
  })
}

function recipeOf(given: string | undefined): unknown {
  if (given === undefined) return {}
  try {
    return JSON.parse(given.startsWith('@') ? readFileSync(given.slice(1), 'utf8') : given)
  } catch (cause) {
    throw new OpenLedgerError('training.recipe_invalid', 'The recipe cannot be read.', {
      facts: { reason: (cause as Error).message.slice(0, 200) },
      nextStep: 'Give a JSON object such as \'{"rank":8}\', or @ and the path of a file that holds one.',
      cause,
    })
  }
}

/** Where the processes that train read records, and what takes their files. */
function placesOf({ network }: OpenLedger): { subgraphUrl: string; contentUrl: string } {
  const { api, content } = network.urls
  if (content !== undefined) return { subgraphUrl: `${api}/subgraph`, contentUrl: content }
  throw new OpenLedgerError('train.not_ready', 'This cannot be trained as things stand.', {
    facts: { reason: 'no content store is known that takes files' },
    nextStep: 'Set OPENLEDGER_CONTENT_URL, or let the factory train: --queue.',
  })
}

async function preflight(openledger: OpenLedger, spec: RunSpec): Promise<PreflightReport> {
  note('Preflight: reading and checking every record.')
  const report = await preflightInProcess({ ...placesOf(openledger), spec, weiPerMillionTokens: FREE })
  const { counts } = report
  note(
    `${counts.records} records: ${counts.used + counts.flagged} used, ${counts.flagged} of them flagged, ${counts.leftOut} left out.`,
  )
  return report
}

/** @throws {OpenLedgerError} the first problem of a preflight */
function requireReady({ problems }: PreflightReport): void {
  const [first] = problems
  if (first !== undefined) throw new OpenLedgerError(first.code, first.message, { nextStep: first.nextStep })
}

async function trainHere(openledger: OpenLedger, spec: RunSpec, report: PreflightReport, flags: Flags): Promise<void> {
  requireReady(report)
  // As of the blocks that were checked: the same command goes on with them until it is done.
  const pinned = { ...spec, datanets: report.datanets.map(({ asOfBlock, id }) => ({ asOfBlock, id })) }
  const { state } = await readSettings()
  const folder = join(state, 'train', digestOf(canonicalJson(pinned)).slice(2, 18))
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  const progress = new TrainingProgress()
  try {
    const outcome = await trainInProcess(
      {
        ...placesOf(openledger),
        spec: pinned,
        folder,
        saveEveryMs: SAVE_EVERY_MS,
        maxBytes: spec.maxMemoryMb * 1_048_576,
      },
      (told) => progress.show(told),
      AbortSignal.any([stop.signal, AbortSignal.timeout(spec.maxSeconds * 1_000)]),
    )
    progress.end()
    const registrar = new Registrar(openledger.network, openledger.signer, 0n, createLog('train'))
    const { evaluationIds, modelId } = await registrar.register({ spec, order: null }, outcome)
    const { lossBefore, lossAfter, seconds } = outcome.trained.metrics
    const { cid, report: measured } = outcome.evaluation
    const done = {
      model: modelId,
      name: spec.name,
      base: report.base.id,
      records: report.counts.used + report.counts.flagged,
      lossBefore,
      lossAfter,
      perplexityBefore: measured.perplexity.base,
      perplexityAfter: measured.perplexity.adapter,
      contaminated: measured.contamination.contaminated,
      seconds,
      evaluation: cid,
      evaluationsOnChain: evaluationIds.length,
    }
    if (flags.json) printJson(done)
    else printFacts(done)
  } finally {
    progress.end()
    process.off('SIGINT', interrupt)
  }
}

async function queue(openledger: OpenLedger, spec: RunSpec, flags: Flags): Promise<void> {
  const { datanets, recipe, baseModel, licence, ...rest } = spec
  const input = {
    ...rest,
    datanets: datanets.map((one) => (typeof one === 'string' ? one : one.id)),
    recipe,
    ...(baseModel == null ? {} : { baseModel }),
    ...(licence == null ? {} : { licence }),
  }
  const { requestTraining: run } = await openledger.query(REQUEST_TRAINING, { input })
  note(`Run ${run.id} waits. \`openledger train show ${run.id}\` tells what became of it.`)
  if (flags.detach === true) {
    if (flags.json) printJson(run)
    else printFacts({ run: run.id, status: run.status })
    return
  }
  await followRun(openledger, run.id, flags.json === true)
}

async function order(
  openledger: OpenLedger,
  spec: RunSpec,
  report: PreflightReport,
  flags: Flags,
  budgetWei: bigint,
): Promise<void> {
  requireReady(report)
  const { network, provider } = openledger
  const { name, recipe, licence, royaltyPpm } = spec
  const { manifest, digest } = orderRecipe({
    name,
    recipe: { kind: report.kind, ...recipe },
    ...(licence == null ? {} : { licence }),
    royaltyPpm,
  })
  const block = await provider.getBlock('latest')
  const terms = {
    baseModelId: report.base.id,
    sources: report.datanets.map(({ asOfBlock, id }) => ({ datanetId: id, asOfBlock })),
    recipeDigest: digest,
    budgetWei,
    minStakeWei: 0n,
    penaltyWei: 0n,
    deadline: block!.timestamp + wholeOf(flags.days, 1, 90) * DAY_SECONDS,
    reviewSeconds: DAY_SECONDS,
    modelOwner: 'requester',
  } as const
  const facts = {
    datanets: report.datanets.map(({ id }) => id).join(' '),
    base: report.base.id,
    recipeDigest: digest,
    budgetWei,
    deadline: terms.deadline,
  }
  await transact(openledger, flags, requestTrainingCalls(network, terms), facts, () => storeJson(network, manifest))
}
