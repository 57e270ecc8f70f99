/**
 * Makes mutants of the contracts and asks the tests to notice each. What none notices is a survivor: a missing test, or a change
 * that makes no difference, which survivors.json must then explain.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hardhatInLane, laneFolder } from '../checks/lanes.ts'
import { type AstNode, compile, economySources, refusals, sourceText, withImports } from '../checks/solc.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { type Kept, keptTrials, keyOf, type MutantKey, reportOf, sameMutant, TRIALS } from './trials.ts'
import type { Deployable, Outcome, Trial } from './worker.ts'

const USAGE = `Tries mutants of the contracts on the Solidity tests.

  npm run mutation:contracts [-- flags]

  --sample <n>       only so many mutants, chosen by the seed          (all)
  --each <n>         only so many mutants of each source               (all)
  --seed <n>         which ones                                         (1)
  --contract <Name>  only mutants of contracts/…/<Name>.sol             (all)
  --workers <n>      tried at once                                      (2)
  --minutes <n>      begins no mutant later than that                   (no end)
  --list             prints the mutants and tries none
  --write            brings survivors.json up to date with what survived
  --record           keeps each outcome in trials.jsonl as it comes, and brings report.json up to date
  --untried          only mutants whose outcome is not kept yet: goes on where an earlier run was cut off
  --again            only mutants that are kept as survivors: after a test was added`

const LEAST_SCORE = 0.9
/**
 * Far above what compiling and all tests take. Whoever is not done by then counts as noticed if the mutant lies in a loop, and as
 * not noticed if it does not. The lane's tests have little gas, so that most endless loops end by themselves.
 */
const TRIAL_MS = 300_000
const LOOPING_TRIAL_MS = 120_000
/** How many test files run before the answer is looked at. */
const ROUND = 6
const root = resolve(import.meta.dirname, '../..')
const SURVIVORS = join(import.meta.dirname, 'survivors.json')
const REPORT = join(import.meta.dirname, 'report.json')

type Survivor = MutantKey & { explanation: string }
type Tried = { mutant: Mutant; outcome: Outcome; seconds: number }

const flags = parseArgs({
  options: {
    sample: { type: 'string' },
    each: { type: 'string' },
    seed: { type: 'string', default: '1' },
    contract: { type: 'string' },
    minutes: { type: 'string' },
    workers: { type: 'string', default: '2' },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    untried: { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
}).values
if (flags.help) {
  console.log(USAGE)
  process.exit(0)
}

const { mutants, deployables } = everyMutant()
const wanted = chosen(mutants)
if (wanted.length === 0) {
  console.error(`No mutants${flags.contract === undefined ? '' : ` of ${flags.contract}`}.`)
  process.exit(2)
}
if (flags.list) {
  for (const mutant of wanted) console.log(line(mutant))
  console.log(`${wanted.length} mutants`)
  process.exit(0)
}

const lane = await prepareLane()
const startedMs = performance.now()
const tried = await tryAll(wanted)
report(tried, (performance.now() - startedMs) / 1000)

/** All mutants, and what can be deployed of the economy. */
function everyMutant(): { mutants: Mutant[]; deployables: Deployable[] } {
  const texts = new Map(economySources().map((file) => [file, sourceText(file)]))
  const output = compile(texts, { outputSelection: { '*': { '': ['ast'] } } })
  const refused = refusals(output)
  if (refused.length > 0) throw new Error(refused.join('\n'))
  const deployables: Deployable[] = []
  const mutants: Mutant[] = []
  for (const [file, text] of texts) {
    const { ast } = output.sources[file]!
    mutants.push(...mutantsOf(file, text, ast))
    for (const node of ast.nodes as readonly AstNode[]) {
      const deployed = node.nodeType === 'ContractDefinition' && node.contractKind === 'contract' && !node.abstract
      if (deployed) deployables.push({ file, name: node.name as string })
    }
  }
  // A source that nothing deployed contains runs nowhere: there is nothing that a test could notice.
  const closures = deployables.map((one) => withImports([one.file]))
  const runs = (file: string) => closures.some((closure) => closure.has(file))
  return { mutants: mutants.filter(({ file }) => runs(file)), deployables }
}

function chosen(all: readonly Mutant[]): Mutant[] {
  const list = all.filter(({ file }) => flags.contract === undefined || basename(file, '.sol') === flags.contract)
  const random = randomFrom(Number(flags.seed))
  // Ranked before anything is left out: a mutant's rank in its source then depends on neither flag.
  const ranked = list.map((mutant) => ({ mutant, rank: random() })).sort((a, b) => a.rank - b.rank)
  const bySource = new Map<string, number>()
  const each = Number(flags.each ?? Number.POSITIVE_INFINITY)
  const some = ranked.flatMap(({ mutant }) => {
    const place = bySource.get(mutant.file) ?? 0
    bySource.set(mutant.file, place + 1)
    return place < each ? [{ mutant, place }] : []
  })
  const kept = keptTrials()
  const outcomes = new Map(kept.map((trial) => [keyOf(trial), trial.outcome]))
  const open = some.filter(({ mutant }) => {
    const outcome = outcomes.get(keyOf(mutant))
    return (!flags.untried || outcome === undefined) && (!flags.again || outcome === 'survived')
  })
  // With so many of each source, the first of every source come first: whoever runs out of time has tried all sources alike.
  if (flags.each !== undefined) open.sort((a, b) => a.place - b.place)
  return open.slice(0, Number(flags.sample ?? open.length)).map(({ mutant }) => mutant)
}

/** Mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Builds contracts and tests once, without a mutant: all tests must pass. */
async function prepareLane(): Promise<Record<string, string>> {
  const { code, output, environment } = await hardhatInLane('mutation', ['test', 'solidity'])
  if (code === 0) return environment
  console.error(`${output}\nThe tests fail without any mutant.`)
  process.exit(1)
}

async function tryAll(list: readonly Mutant[]): Promise<Tried[]> {
  const queue = [...list]
  const endMs = performance.now() + Number(flags.minutes ?? Number.POSITIVE_INFINITY) * 60_000
  const next = () => (performance.now() < endMs ? queue.shift() : undefined)
  const done: Tried[] = []
  const work = async (number: number) => {
    const folder = laneFolder(`mutation-${number}`)
    rmSync(folder, { recursive: true, force: true })
    cpSync(laneFolder('mutation'), folder, { recursive: true })
    let worker = startWorker(folder)
    for (let mutant = next(); mutant !== undefined; mutant = next()) {
      const beganMs = performance.now()
      const outcome = await ask(worker, trialOf(mutant))
      const seconds = (performance.now() - beganMs) / 1000
      done.push({ mutant, outcome: outcome ?? (mutant.looping ? 'killed' : 'survived'), seconds })
      if (flags.record) appendFileSync(TRIALS, `${JSON.stringify(keptOf(done.at(-1)!))}\n`)
      if (outcome === 'survived') console.log(`survived  ${line(mutant)}`)
      if (outcome === undefined) console.log(`never done  ${line(mutant)}`)
      if (outcome !== undefined) continue
      // It was cut off amid a trial: its artefacts may still hold the mutant.
      worker.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
      cpSync(laneFolder('mutation'), folder, { recursive: true })
      worker = startWorker(folder)
    }
    worker.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  await Promise.all(Array.from({ length: Math.min(Number(flags.workers), list.length) }, (_, number) => work(number)))
  return done
}

function startWorker(folder: string): ChildProcess {
  return fork(join(import.meta.dirname, 'worker.ts'), {
    cwd: root,
    env: { ...process.env, ...lane, OPENLEDGER_SOLIDITY_OUT: folder },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

/** @return undefined if there was no answer in time */
function ask(worker: ChildProcess, trial: Trial): Promise<Outcome | undefined> {
  return new Promise((answer, fail) => {
    const timer = setTimeout(() => finish(undefined), trial.mutant.looping ? LOOPING_TRIAL_MS : TRIAL_MS)
    const onExit = (code: number | null) => {
      clearTimeout(timer)
      fail(new Error(`The worker ended with code ${code}, at ${line(trial.mutant)}`))
    }
    const finish = (outcome: Outcome | undefined) => {
      clearTimeout(timer)
      worker.off('exit', onExit)
      worker.off('message', finish)
      answer(outcome)
    }
    worker.once('exit', onExit)
    worker.once('message', finish)
    worker.send(trial)
  })
}

function trialOf(mutant: Mutant): Trial {
  const part = deployables.filter(({ file }) => withImports([file]).has(mutant.file))
  const tests = readdirSync(join(root, 'contracts/test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.t.sol'))
    .map((file) => `contracts/test/${file}`)
    .sort()
  const name = basename(mutant.file, '.sol')
  const names = part.map((one) => one.name)
  // A test is the nearer the more its name says; invariants take longest.
  const distance = (file: string) => {
    const starts = (start: string) => basename(file).startsWith(start)
    return (file.includes('Invariants') ? 4 : 0) + (starts(name) ? 0 : names.some(starts) ? 1 : 2)
  }
  const concerned = tests.filter((file) => mentions(file, [name, ...names])).sort((a, b) => distance(a) - distance(b))
  const near = concerned.filter((file) => distance(file) === 0)
  const far = concerned.slice(near.length)
  const rounds = [
    near,
    ...Array.from({ length: Math.ceil(far.length / ROUND) }, (_, i) => far.slice(i * ROUND, (i + 1) * ROUND)),
  ]
  return { mutant, deployables: part, rounds: rounds.filter((files) => files.length > 0) }
}

/** Whether a test, or what supports it, names one of the contracts. */
function mentions(test: string, names: readonly string[]): boolean {
  const text = [...withImports([test]).values()].join('\n')
  return names.some((name) => new RegExp(`\\bI?${name}\\b`).test(text))
}

function report(list: readonly Tried[], seconds: number): void {
  const explained = JSON.parse(readFileSync(SURVIVORS, 'utf8')) as Survivor[]
  const explanationOf = (mutant: Mutant) =>
    explained.find((known) => sameMutant(known, mutant))?.explanation || undefined
  const rows = [...Map.groupBy(list, ({ mutant }) => mutant.file)].sort(([a], [b]) => (a < b ? -1 : 1))
  console.log(`\n${'contract'.padEnd(28)} mutants  killed  survived  explained  equivalent  stillborn  score`)
  for (const [file, part] of [...rows, ['all', list] as const]) {
    const count = (outcome: Outcome) => part.filter((one) => one.outcome === outcome).length
    const excused = part.filter(({ mutant, outcome }) => outcome === 'survived' && explanationOf(mutant)).length
    const cells = [part.length, count('killed'), count('survived'), excused, count('equivalent'), count('stillborn')]
    const widths = [7, 6, 8, 9, 10, 9]
    const columns = cells.map((cell, i) => String(cell).padStart(widths[i]!)).join('  ')
    console.log(`${basename(file, '.sol').padEnd(28)} ${columns}  ${scoreOf(part).toFixed(3)}`)
  }
  const survivors = list.filter(({ outcome }) => outcome === 'survived').map(({ mutant }) => mutant)
  const unexplained = survivors.filter((mutant) => explanationOf(mutant) === undefined)
  if (unexplained.length > 0) console.log(`\nSurvivors that survivors.json does not explain:`)
  for (const mutant of unexplained) console.log(`  ${line(mutant)}`)
  if (flags.write) write(list, explained)
  if (flags.record) writeReport()
  console.log(
    `\n${(seconds / list.length).toFixed(2)} s a mutant, ${flags.workers} at once, ${seconds.toFixed(0)} s in all`,
  )

  // A sample is too small to hold to the score: it is held to what nobody has explained.
  const counted = list.filter(({ outcome }) => outcome === 'killed' || outcome === 'survived').length
  const sampled = list.length < wanted.length || [flags.sample, flags.each].some((flag) => flag !== undefined)
  const good = sampled
    ? unexplained.length <= counted * (1 - LEAST_SCORE)
    : scoreOf(list) >= LEAST_SCORE && unexplained.length === 0
  console.log(
    good ? 'The tests notice enough.' : `Too many survive: the score must be ${LEAST_SCORE}, and survivors explained.`,
  )
  process.exit(good ? 0 : 1)
}

/** Of all that is kept, whichever run tried it; what the sources no longer hold is dropped. */
function writeReport(): void {
  const explained = JSON.parse(readFileSync(SURVIVORS, 'utf8')) as Survivor[]
  const live = new Set(mutants.map(keyOf))
  const kept = keptTrials().filter((trial) => live.has(keyOf(trial)))
  writeFileSync(TRIALS, kept.map((trial) => `${JSON.stringify(trial)}\n`).join(''))
  const known = (trial: Kept) => explained.some((one) => sameMutant(one, trial) && one.explanation !== '')
  writeFileSync(REPORT, `${JSON.stringify(reportOf(mutants, kept, known), null, 2)}\n`)
}

function keptOf({ mutant, outcome, seconds }: Tried): Kept {
  const { file, within, operator, before, after, nth } = mutant
  const date = new Date().toISOString().slice(0, 10)
  return { file, within, operator, before, after, nth, outcome, seconds: Number(seconds.toFixed(1)), date }
}

/** Killed among those that compile to other code; explained or not, a survivor counts against it. */
function scoreOf(list: readonly Tried[]): number {
  const killed = list.filter(({ outcome }) => outcome === 'killed').length
  const survived = list.filter(({ outcome }) => outcome === 'survived').length
  return killed + survived === 0 ? 1 : killed / (killed + survived)
}

/** Keeps what was not tried now, drops what no longer survives, adds what does. */
function write(list: readonly Tried[], known: readonly Survivor[]): void {
  const kept = known.filter((survivor) => !list.some(({ mutant }) => sameMutant(survivor, mutant)))
  const now = list
    .filter(({ outcome }) => outcome === 'survived')
    .map(({ mutant: { file, within, operator, before, after, nth } }) => {
      const explanation = known.find((survivor) => sameMutant(survivor, { file, within, operator, before, after, nth }))
      return { file, within, operator, before, after, nth, explanation: explanation?.explanation ?? '' }
    })
  const all = [...kept, ...now].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  writeFileSync(SURVIVORS, `${JSON.stringify(all, null, 2)}\n`)
}

function line({ file, line: number, within, operator, before, after }: Mutant): string {
  const flat = (text: string) => text.replace(/\s+/g, ' ')
  return `${file}:${number} ${within}: ${operator}: ${flat(before)} → ${flat(after) || '(nothing)'}`
}
