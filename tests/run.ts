/**
 * `npm test`: every check of the project, one after the other, and at the end one line that counts them.
 * Steps are named on stderr as they run; a step's own output is shown only when it fails (or with --verbose).
 *
 *   npm test                     all
 *   npm test -- types unit       only these steps
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'openledger-test-'))

type Count = { passed: number; failed: number }
type Run = { code: number; output: string }
type Step = { name: string; command: readonly string[]; count(run: Run): Count }

const asOne = (run: Run): Count => (run.code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })

const STEPS: readonly Step[] = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'], count: asOne },
  { name: 'lint', command: ['biome', 'ci', '--colors=off', '.'], count: asOne },
  { name: 'solhint', command: ['solhint', '--noPoster', '--max-warnings', '0', 'contracts/**/*.sol'], count: asOne },
  { name: 'types', command: ['tsc', '--noEmit'], count: asOne },
  { name: 'unused', command: ['knip'], count: asOne },
  { name: 'contracts', command: ['hardhat', 'test', 'solidity'], count: countHardhat },
  { name: 'invariants', command: ['node', 'contracts/checks/invariants.ts'], count: asOne },
  { name: 'gas', command: ['node', 'bench/gas/main.ts', '--check'], count: countLine },
  { name: 'layouts', command: ['node', 'contracts/checks/layouts.ts', '--check'], count: countLine },
  { name: 'coverage', command: ['node', 'contracts/checks/coverage.ts'], count: asOne },
  { name: 'mutation', command: ['node', 'contracts/mutation/main.ts', '--sample', '6', '--seed', '1'], count: asOne },
  { name: 'subgraph', command: ['node', 'subgraph/tests/run.ts'], count: countLine },
  { name: 'endurance', command: ['node', 'tests/endurance/main.ts'], count: countLine },
  { name: 'unit', command: vitest('unit'), count: countVitest('unit') },
  { name: 'story', command: vitest('story'), count: countVitest('story') },
]

function vitest(project: string): string[] {
  const report = join(scratch, `${project}.json`)
  return ['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
}

/** A run that broke off before it reported counts as failed, whatever had passed. */
function countVitest(project: string) {
  return (run: Run): Count => {
    try {
      const report = JSON.parse(readFileSync(join(scratch, `${project}.json`), 'utf8'))
      const failed = report.numFailedTests + (run.code !== 0 && report.numFailedTests === 0 ? 1 : 0)
      return { passed: report.numPassedTests, failed }
    } catch {
      return { passed: 0, failed: 1 }
    }
  }
}

function countHardhat(run: Run): Count {
  return fromText(run, /(\d+) passing/, /(\d+) failing/)
}

function countLine(run: Run): Count {
  return fromText(run, /(\d+) passed/, /(\d+) failed/)
}

function fromText(run: Run, passedIn: RegExp, failedIn: RegExp): Count {
  const passed = Number(passedIn.exec(run.output)?.[1] ?? 0)
  const failed = Number(failedIn.exec(run.output)?.[1] ?? 0)
  return { passed, failed: run.code !== 0 || passed === 0 ? Math.max(1, failed) : failed }
}

function execute(command: readonly string[]): Promise<Run> {
  return new Promise((done) => {
    const [program, ...parameters] = command
    const bin = join(root, 'node_modules', '.bin')
    const child = spawn(program!, parameters, {
      cwd: root,
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const take = (chunk: Buffer) => {
      output += chunk
      if (process.argv.includes('--verbose')) process.stderr.write(chunk)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => done({ code: 1, output: String(error) }))
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })
}

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(', ')}\nSteps: ${STEPS.map((step) => step.name).join(', ')}`)
  process.exit(2)
}

const total: Count = { passed: 0, failed: 0 }
for (const step of STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const startedMs = Date.now()
  const run = await execute(step.command)
  const count = step.count(run)
  total.passed += count.passed
  total.failed += count.failed
  if (count.failed > 0 && !process.argv.includes('--verbose')) process.stderr.write(`${run.output}\n`)
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1)
  console.error(
    `${count.failed > 0 ? '✗' : '✓'} ${step.name.padEnd(10)} ${count.passed} passed, ${count.failed} failed  ${seconds} s`,
  )
}
rmSync(scratch, { recursive: true, force: true })
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed > 0 ? 1 : 0)
