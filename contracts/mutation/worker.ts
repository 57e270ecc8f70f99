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
type Codes = ReadonlyMap<string, Code>
type Settings = Pick<compile.Settings, 'viaIR' | 'optimizer'>

const QUICK: Settings = { optimizer: { enabled: false } }
const OPTIMISED: Settings = { optimizer: { enabled: true, runs: 1 } }
/** For what the older path cannot take. */
const DEEP: Settings = { viaIR: true, optimizer: { enabled: true, runs: 1 } }

const artifacts = join(process.env.OPENLEDGER_SOLIDITY_OUT!, 'artifacts')
/** As the lane's own build found them. */
const deepFiles = new Set((process.env.OPENLEDGER_SOLIDITY_DEEP ?? '').split(','))
const healthy = new Map<string, Codes>()

process.on('message', (trial: Trial) => {
  void attempt(trial).then((answer) => process.send!(answer))
})

async function attempt({ mutant, deployables, rounds }: Trial): Promise<Outcome> {
  const text = mutated(sourceText(mutant.file), mutant)
  const isDeep = ({ file }: Deployable) => deepFiles.has(file)
  // What compiles at once is tried first: most mutants are noticed before the rest need be compiled.
  const parts = [deployables.filter((one) => !isDeep(one)), deployables.filter(isDeep)].filter(
    (part) => part.length > 0,
  )
  const changed: Deployable[] = []
  const restores: (() => void)[] = []
  try {
    for (const part of parts) {
      const settings = isDeep(part[0]!) ? DEEP : QUICK
      const code = codeOf(mutant.file, text, part, settings)
      if (code === undefined) return 'stillborn'
      const original = healthyCode(mutant.file, part, settings)
      const others = part.filter(({ name }) => code.get(name)!.bytecode !== original.get(name)!.bytecode)
      if (others.length === 0) continue
      changed.push(...others)
      for (const deployable of others) restores.push(put(deployable, code.get(deployable.name)!))
      for (const files of rounds) if (!(await testsPass(files))) return 'killed'
    }
  } finally {
    for (const restore of restores) restore()
  }
  const same = parts.every((part) => {
    const hit = part.filter((one) => changed.includes(one))
    return hit.length === 0 || sameWhenOptimised(mutant.file, text, hit, isDeep(hit[0]!) ? DEEP : OPTIMISED)
  })
  return same ? 'equivalent' : 'survived'
}

/** What the optimiser makes alike behaves alike. */
function sameWhenOptimised(file: string, text: string, part: readonly Deployable[], settings: Settings): boolean {
  const after = codeOf(file, text, part, settings)
  const before = healthyCode(file, part, settings)
  return after !== undefined && part.every(({ name }) => before.get(name)!.bytecode === after.get(name)!.bytecode)
}

function healthyCode(file: string, part: readonly Deployable[], settings: Settings): Codes {
  const key = JSON.stringify([file, part, settings])
  const known = healthy.get(key)
  if (known !== undefined) return known
  const code = codeOf(file, sourceText(file), part, settings)
  if (code === undefined) throw new Error(`${file} does not compile without a mutant`)
  healthy.set(key, code)
  return code
}

function codeOf(file: string, text: string, deployables: readonly Deployable[], settings: Settings): Codes | undefined {
  const sources = new Map(deployables.map((deployable) => [deployable.file, sourceText(deployable.file)]))
  sources.set(file, text)
  const outputSelection: compile.Settings['outputSelection'] = {}
  for (const deployable of deployables) {
    outputSelection[deployable.file] ??= {}
    outputSelection[deployable.file]![deployable.name] = ['evm.bytecode.object', 'evm.deployedBytecode.object']
  }
  const output = compile(sources, { ...settings, outputSelection })
  const refused = refusals(output)
  // A mutant may need one place more on the stack than there is, which makes it no less of a mutant.
  if (settings === QUICK && refused.some((reason) => /stack too deep/i.test(reason)))
    return codeOf(file, text, deployables, DEEP)
  if (refused.length > 0) return undefined
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

async function testsPass(files: readonly string[]): Promise<boolean> {
  const result = await hre.tasks.getTask(['test', 'solidity']).run({ noCompile: true, testFiles: [...files] })
  return (result as { success: boolean }).success
}
