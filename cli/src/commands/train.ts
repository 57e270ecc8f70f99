import { HttpContentStore } from '@openledger/content-store'
import {
  type DatanetReading,
  DEFAULT_RECIPE,
  orderedRecipe,
  readDatanet,
  registerAdapter,
  requireLicences,
  trainAdapter,
} from '@openledger/model-factory'
import { digestOfCid, OpenLedgerError } from '@openledger/protocol'
import { contractOf, MODELS, type ModelRow, type OpenLedger, requestTrainingCalls, storeJson } from '@openledger/sdk'
import { Command } from 'commander'
import { amountOf, idOf, wholeOf } from '../client/arguments.ts'
import { note, printFacts, printJson } from '../client/print.ts'
import { type SendingFlags, sends } from '../client/session.ts'
import { transact } from '../client/transact.ts'
import { signing } from '../client/with-network.ts'

const DAY_SECONDS = 86_400
const STEPS_BETWEEN_LINES = 50

/** `openledger train <datanet>`: here and now, or for a budget by whoever accepts. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train an adapter on a Datanet here and register it; with --budget, order it on chain instead')
    .argument('<datanet>', 'id of the Datanet')
    .requiredOption('--name <name>', 'name of the adapter')
    .option('--royalty-ppm <ppm>', 'part of derived models’ income, in parts per million', '0')
    .option('--budget <amount>', 'in OPEN: put this into escrow and ask staked agents to train')
    .option('--days <count>', 'with --budget: days to deliver in', '7')
    .action((datanet: string, flags: Flags) =>
      signing(flags, async (openledger) => {
        const plan = await preflight(openledger, idOf(datanet))
        if (flags.budget === undefined) await trainHere(openledger, plan, flags)
        else await order(openledger, plan, flags, amountOf(flags.budget))
      }),
    )
  return sends(command)
}

type Flags = SendingFlags & { name: string; royaltyPpm: string; budget?: string; days: string }

type Plan = {
  reading: DatanetReading
  base: ModelRow
  baseLicenceFlags: number
  contentStore: HttpContentStore
}

/** Everything that can be known to fail before an hour of work: base, records, licences, a store that takes files. */
async function preflight(openledger: OpenLedger, datanetId: string): Promise<Plan> {
  const { network, provider } = openledger
  const { models } = await openledger.query(MODELS, { first: 100 })
  const base = models.nodes.find(({ kind }) => kind === 'Base')
  if (base === undefined) throw refused('no base model is registered', 'Register one: `npm start` does.')
  if (network.urls.content === undefined) {
    throw refused('no content store is known that takes files', 'Set OPENLEDGER_CONTENT_URL.')
  }
  const contentStore = new HttpContentStore(network.urls.content)
  const reading = await readDatanet({ subgraphUrl: `${network.urls.api}/subgraph`, contentStore }, datanetId)
  if (reading.records.length < 2) throw refused('the Datanet has fewer than two records', 'Push records into it first.')
  const registered = await contractOf(network, 'LineageRegistry', provider).getFunction('modelOf')(base.id)
  const baseLicenceFlags = Number(registered.licenceFlags)
  requireLicences([{ id: base.id, licenceFlags: baseLicenceFlags }, reading], reading.licenceFlags)
  note(
    `Preflight: ${reading.records.length} records of "${reading.name}" at version ${reading.version}, base ${base.name}.`,
  )
  return { reading, base, baseLicenceFlags, contentStore }
}

async function trainHere(openledger: OpenLedger, plan: Plan, flags: Flags): Promise<void> {
  const { reading, base, baseLicenceFlags, contentStore } = plan
  const facts = { datanet: reading.id, version: reading.version, records: reading.records.length, base: base.id }
  if (flags.dryRun === true) {
    // What it would register is known only when it is trained; what training reads is known now.
    if (flags.json) printJson({ dryRun: true, ...facts, recipe: DEFAULT_RECIPE })
    else printFacts({ ...facts, seeds: DEFAULT_RECIPE.seeds.length, epochs: DEFAULT_RECIPE.epochs })
    return note('Nothing was trained or sent.')
  }
  const trained = await trainAdapter(
    {
      name: flags.name,
      licence: reading.licence,
      licenceFlags: reading.licenceFlags,
      base: { id: base.id, licenceFlags: baseLicenceFlags, artefactDigest: digestOfCid(base.artefactCid) },
      datanets: [reading],
      records: reading.records,
      contentStore,
    },
    showProgress,
  )
  const registry = { address: openledger.network.contracts.LineageRegistry.address, signer: openledger.signer }
  const model = await registerAdapter(registry, trained, { royaltyPpm: wholeOf(flags.royaltyPpm, 0, 1_000_000) })
  const { lossBefore, lossAfter, seconds } = trained.metrics
  const done = { model, name: flags.name, ...facts, lossBefore, lossAfter, seconds }
  if (flags.json) printJson(done)
  else printFacts(done)
}

async function order(openledger: OpenLedger, { reading, base }: Plan, flags: Flags, budgetWei: bigint): Promise<void> {
  const { network, provider } = openledger
  const { manifest, digest } = orderedRecipe({ name: flags.name, recipe: { kind: 'lora' } })
  const block = await provider.getBlock('latest')
  const terms = {
    baseModelId: base.id,
    sources: [{ datanetId: reading.id, asOfBlock: reading.asOfBlock }],
    recipeDigest: digest,
    budgetWei,
    minStakeWei: 0n,
    penaltyWei: 0n,
    deadline: block!.timestamp + wholeOf(flags.days, 1, 90) * DAY_SECONDS,
    reviewSeconds: DAY_SECONDS,
    modelOwner: 'requester',
  } as const
  const facts = {
    datanet: reading.id,
    base: base.id,
    recipeDigest: terms.recipeDigest,
    budgetWei,
    deadline: terms.deadline,
  }
  await transact(openledger, flags, requestTrainingCalls(network, terms), facts, () => storeJson(network, manifest))
}

/** A line on stderr for what a person waits for; every step would flood it. */
function showProgress(progress: trainAdapter.Progress): void {
  if (progress.kind === 'clustered') note(`${progress.canonical} of ${progress.records} records are not copies.`)
  else if (progress.kind === 'tokenised') note(`${progress.trainTokens} tokens to train on.`)
  else if (progress.kind === 'stored') note(`Stored as ${progress.artefactDigest}.`)
  else if (progress.kind === 'validated') {
    note(`seed ${progress.seed}, ${progress.checkpoint}: validation loss ${progress.loss.toFixed(3)}`)
  } else if (progress.step % STEPS_BETWEEN_LINES === 0) {
    note(`seed ${progress.seed}, step ${progress.step} of ${progress.steps}: loss ${progress.loss.toFixed(3)}`)
  }
}

function refused(reason: string, nextStep: string): OpenLedgerError {
  return new OpenLedgerError('train.not_ready', 'This cannot be trained as things stand.', {
    facts: { reason },
    nextStep,
  })
}
