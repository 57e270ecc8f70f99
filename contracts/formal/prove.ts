/**
 * `npm run prove:contracts`: has the compiler's model checker prove the assertions of the models in this folder, for any number of
 * calls in any order, with z3 as its solver. --write renews README.md. A machine without z3 proves nothing, and says so.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '../checks/solc.ts'

const SECONDS_A_QUERY = 120
/** One model alone, by its name. */
const only = process.argv.slice(2).find((word) => !word.startsWith('--'))
const readme = join(import.meta.dirname, 'README.md')

if (spawnSync('z3', ['--version']).error !== undefined) {
  console.log('skipped: there is no z3 on this machine, so nothing was proven. Debian: apt-get install z3')
  process.exit(0)
}

type Claim = { model: string; line: number; says: string; proven: boolean; expected: boolean }

const claims: Claim[] = []
for (const file of readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.sol') && (only === undefined || name === `${only}.sol`))
  .sort()) {
  const startedMs = performance.now()
  const found = proveModel(file)
  claims.push(...found)
  console.log(`${file}  ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  for (const { proven, expected, says } of found) {
    console.log(
      `  ${proven ? '✓' : expected ? '✗' : '–'} ${says}${proven ? '' : expected ? '' : ' (no proof was found; not expected)'}`,
    )
  }
}
const proven = claims.filter((claim) => claim.proven).length
const failed = claims.filter((claim) => claim.expected && !claim.proven).length
console.log(`${proven} passed, ${failed} failed`)
if (process.argv.includes('--write')) writeFileSync(readme, rendered(claims))
process.exit(failed > 0 ? 1 : 0)

/** Every assertion of a model carries, in the line before, what it says: `// Proven: …`, or `// Not proven: …` where z3 gives up. */
function proveModel(file: string): Claim[] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8')
  const name = `contracts/formal/${file}`
  const output = compile(
    new Map([[name, text]]),
    {
      outputSelection: { '*': { '*': [] } },
      modelChecker: {
        engine: /^\/\/\/ @custom:engine (\w+)$/m.exec(text)?.[1] ?? 'chc',
        solvers: ['smtlib2'],
        targets: ['assert'],
        showProvedSafe: true,
        showUnproved: true,
        invariants: ['contract'],
      },
    },
    { smtSolver: askZ3 },
  )
  const safe = new Set<number>()
  for (const { severity, formattedMessage } of output.errors ?? []) {
    if (severity === 'error') throw new Error(formattedMessage)
    if (!/check is safe/.test(formattedMessage)) continue
    safe.add(Number(/--> .*?:(\d+):/.exec(formattedMessage)![1]))
  }
  const lines = text.split('\n')
  return lines.flatMap((line, i) => {
    if (!/^\s*assert\(/.test(line)) return []
    const [, not, says] = /^\s*\/\/ (Not proven|Proven): (.*)$/.exec(lines[i - 1]!) ?? []
    if (says === undefined) throw new Error(`${file}:${i + 1}: an assertion that does not say what it proves`)
    return [{ model: file, line: i + 1, says, proven: safe.has(i + 1), expected: not === 'Proven' }]
  })
}

function askZ3(query: string): { contents: string } {
  const settings = [
    'rewriter.pull_cheap_ite=true',
    'fp.spacer.q3.use_qgen=true',
    'fp.spacer.mbqi=false',
    'fp.spacer.ground_pobs=false',
  ]
  const { stdout } = spawnSync('z3', ['-smt2', '-in', `-T:${SECONDS_A_QUERY}`, ...settings], {
    input: query,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return { contents: /timeout|^$/.test(stdout.trim()) ? 'unknown' : stdout }
}

/** README.md as it must be after a run over all models. */
function rendered(list: readonly Claim[]): string {
  const sections = [...Map.groupBy(list, ({ model }) => model)].map(([model, part]) => {
    const lines = part.map(({ says, proven }) => `- ${proven ? 'proven' : '**not proven**'}: ${says}`)
    return `## ${model}\n\n${lines.join('\n')}`
  })
  return `# What is proven

The compiler's model checker, with z3 as its solver, proves these for any values and, of models that keep a state, for any
number of calls in any order by anybody. The models are the accounting of the contracts without hashing, signatures and tokens; what each leaves out stands in
its head. \`npm run prove:contracts\` proves them again where z3 is installed (Debian: \`apt-get install z3\`; a few minutes), and
\`npm run prove:contracts -- --write\` writes this page.

${sections.join('\n\n')}

## What is not

- The contracts themselves: the checker knows neither assembly, nor \`keccak256\`, nor calls into other contracts as they really
  are. That the models are faithful is for readers to see. For the waterfall a test holds that the code is the same.
- That no call reverts that should not: overflow and division are left to the tests.
- Merkle proofs, signatures, proxies and time of blocks: Solidity tests and fuzzing cover them.
`
}
