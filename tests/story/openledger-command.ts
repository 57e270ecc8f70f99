import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

const launcher = join(resolve(import.meta.dirname, '../..'), 'cli/bin/openledger.mjs')

/** How one run of the command line ended. */
export type Run = { code: number | null; stdout: string; stderr: string }

/** Runs the command line on a stack. Never waits for input: there is no terminal. */
export function runOpenLedger(environment: NodeJS.ProcessEnv, ...parameters: string[]): Promise<Run> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [launcher, ...parameters], {
      env: { ...process.env, NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const run: Run = { code: null, stdout: '', stderr: '' }
    child.stdout.on('data', (chunk) => {
      run.stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      run.stderr += chunk
    })
    child.on('error', fail)
    child.on('close', (code) => done({ ...run, code }))
  })
}

/** What the command printed as JSON; a failed command fails the test with what it said. */
export async function askOpenLedger<T>(environment: NodeJS.ProcessEnv, ...parameters: string[]): Promise<T> {
  const { code, stdout, stderr } = await runOpenLedger(environment, ...parameters, '--json')
  if (code !== 0) throw new Error(`openledger ${parameters.join(' ')} ended with ${code}:\n${stderr}\n${stdout}`)
  return JSON.parse(stdout) as T
}
