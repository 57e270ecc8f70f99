import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { economySources, withImports } from './solc.ts'

const root = resolve(import.meta.dirname, '../..')

/**
 * Sources in which the older path of the compiler finds the stack too deep: a cold build need not find them again, by one
 * failing build each. What is missing here is found all the same, and named.
 */
const KNOWN_DEEP: readonly string[] = [
  'contracts/agents/AgentReputation.sol',
  'contracts/agents/QualityReports.sol',
  'contracts/payments/InferenceEscrow.sol',
  'contracts/rewards/RootCourt.sol',
]

/** Folder in which a lane builds apart from all others. */
export const laneFolder = (lane: string): string => join(root, 'cache', 'lanes', lane)

/**
 * Runs Hardhat in an unoptimised lane. Where the compiler's older path finds the stack too deep, the file is named to the build
 * and all is tried again: with the optimiser the file compiles.
 */
export async function hardhatInLane(lane: string, parameters: readonly string[]): Promise<hardhatInLane.Result> {
  const folder = laneFolder(lane)
  mkdirSync(folder, { recursive: true })
  // Kept between runs.
  const known = join(folder, 'deep.json')
  const found = existsSync(known) ? (JSON.parse(readFileSync(known, 'utf8')) as string[]) : []
  const deep = new Set([...KNOWN_DEEP, ...found])
  for (;;) {
    const environment = {
      OPENLEDGER_SOLIDITY_LANE: lane,
      OPENLEDGER_SOLIDITY_OUT: folder,
      // Tests that bound gas skip themselves.
      OPENLEDGER_SOLIDITY_UNOPTIMISED: 'true',
      OPENLEDGER_SOLIDITY_DEEP: [...deep].join(','),
    }
    const { code, output } = await run(parameters, environment)
    const news = code === 0 ? [] : tooDeep(output).filter((file) => !deep.has(file))
    if (news.length === 0) return { code, output, environment }
    for (const file of news) deep.add(file)
    console.error(
      `The stack is too deep without the optimiser, which KNOWN_DEEP of lanes.ts should know: ${news.join(', ')}`,
    )
    writeFileSync(known, JSON.stringify([...deep]))
  }
}

export declare namespace hardhatInLane {
  type Result = { code: number; output: string; environment: Record<string, string> }
}

/** Files in which the stack was too deep, and all that import them. */
function tooDeep(output: string): string[] {
  if (!/stack too deep/i.test(output)) return []
  const named = [...output.matchAll(/--> (?:\.\/|project\/)?(contracts\/[\w/-]+\.sol):/g)].map((match) => match[1]!)
  return economySources().filter((file) => [...withImports([file]).keys()].some((part) => named.includes(part)))
}

function run(
  parameters: readonly string[],
  environment: Record<string, string>,
): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/hardhat/dist/src/cli.js'), ...parameters], {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const take = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => done({ code: 1, output: String(error) }))
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })
}
