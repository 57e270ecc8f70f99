/**
 * Tries mutants, one after the other, in artefacts of its own: compiles the mutated source, puts the code where the tests look
 * for it, runs them in this process. Started by main.ts, which gives it its folder and kills it if a mutant never ends.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import hre from 'hardhat'
import { compile, refusals, sourceText } from '../checks/solc.ts'
import { type Mutant, mutated } from './mutants.ts'

export type Trial = {
  mutant: Mutant
  /** What the mutant's source is part of. */
  deployables: readonly Deployable[]
  /** Test files to run, the likeliest to notice first. */
  rounds: readonly (readonly string[])[]
}
export type Deployable = { file: string; name: string }
/** `stillborn` does not compile, `equivalent` compiles to the same code: neither counts. */
export type Outcome = 'killed' | 'survived' | 'stillborn' | 'equivalent'

type Code = { bytecode: string; deployedBytecode: string }
type Settings = Pick<compile.Settings, 'viaIR' | 'optimizer'>

const QUICK: Settings = { optimizer: { enabled: false } }
const OPTIMISED: Settings = { optimizer: { enabled: true, runs: 1 } }
/** For what the older path cannot take. */
const DEEP: Settings = { viaIR: true, optimizer: { enabled: true, runs: 1 } }

const artifacts = join(process.env.OPENLEDGER_SOLIDITY_OUT!, 'artifacts')
const healthy = new Map<string, Map<string, Code>>()
const settingsOf = new Map<string, Settings>()

process.on('message', (trial: Trial | 'baseline') => {
  void (trial === 'baseline' ? testsPass([]) : attempt(trial)).then((answer) => process.send!(answer))
})

async function attempt({ mutant, deployables, rounds }: Trial): Promise<Outcome> {
  const original = healthyCode(mutant.file, deployables)
  const settings = settingsOf.get(mutant.file)!
  const text = mutated(sourceText(mutant.file), mutant)
  const code = codeOf(mutant.file, text, deployables, settings)
  if (code === undefined) return 'stillborn'
  const changed = deployables.filter(({ name }) => code.get(name)!.bytecode !== original.get(name)!.bytecode)
  if (changed.length === 0) return 'equivalent'
  const kept = changed.map((deployable) => put(deployable, code.get(deployable.name)!))
  try {
    for (const files of rounds) if (!(await testsPass(files))) return 'killed'
  } finally {
    for (const restore of kept) restore()
  }
  return sameWhenOptimised(mutant.file, text, deployables) ? 'equivalent' : 'survived'
}

/** What the optimiser makes alike behaves alike. */
function sameWhenOptimised(file: string, text: string, deployables: readonly Deployable[]): boolean {
  const settings = settingsOf.get(file) === DEEP ? DEEP : OPTIMISED
  const [before, after] = [sourceText(file), text].map((source) => codeOf(file, source, deployables, settings))
  if (before === undefined || after === undefined) return false
  return deployables.every(({ name }) => before.get(name)!.bytecode === after.get(name)!.bytecode)
}

function healthyCode(file: string, deployables: readonly Deployable[]): Map<string, Code> {
  let code = healthy.get(file)
  if (code !== undefined) return code
  for (const settings of [QUICK, DEEP]) {
    code = codeOf(file, sourceText(file), deployables, settings)
    if (code === undefined) continue
    healthy.set(file, code)
    settingsOf.set(file, settings)
    return code
  }
  throw new Error(`${file} does not compile without a mutant`)
}

function codeOf(
  file: string,
  text: string,
  deployables: readonly Deployable[],
  settings: Settings,
): Map<string, Code> | undefined {
  const sources = new Map(deployables.map((deployable) => [deployable.file, sourceText(deployable.file)]))
  sources.set(file, text)
  const outputSelection: compile.Settings['outputSelection'] = {}
  for (const deployable of deployables) {
    outputSelection[deployable.file] ??= {}
    outputSelection[deployable.file]![deployable.name] = ['evm.bytecode.object', 'evm.deployedBytecode.object']
  }
  const output = compile(sources, { ...settings, outputSelection })
  if (refusals(output).length > 0) return undefined
  return new Map(
    deployables.map((deployable) => {
      const { bytecode, deployedBytecode } = output.contracts![deployable.file]![deployable.name]!.evm
      return [deployable.name, { bytecode: `0x${bytecode.object}`, deployedBytecode: `0x${deployedBytecode.object}` }]
    }),
  )
}

/** @return what puts the healthy artefact back */
function put({ file, name }: Deployable, code: Code): () => void {
  const path = join(artifacts, file, `${name}.json`)
  const before = readFileSync(path, 'utf8')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(before), ...code }))
  return () => writeFileSync(path, before)
}

/** @param files none for all */
async function testsPass(files: readonly string[]): Promise<boolean> {
  const result = await hre.tasks.getTask(['test', 'solidity']).run({ noCompile: true, testFiles: [...files] })
  return (result as { success: boolean }).success
}
