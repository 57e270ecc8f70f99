import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CONTRACT_NAMES } from '@openledger/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { identify } from '../stack/process-identity.ts'

const launcher = join(import.meta.dirname, '../../bin/openledger.mjs')
const id = `0x${'1'.repeat(64)}`

let folder: string
let api: Server
let apiUrl: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'refusals-'))
  const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, `0x${'2'.repeat(40)}`]))
  // Somebody else's network: its chain is not the local one, and does not answer.
  api = createServer((_, response) => {
    response.end(JSON.stringify({ chainId: 10, rpc: 'http://127.0.0.1:1', inference: 'http://127.0.0.1:1', contracts }))
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
})
afterAll(() => {
  api.close()
  rmSync(folder, { recursive: true })
})

/** Beside this process, which serves the api meanwhile. */
async function openledger(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { OPENLEDGER_KEY: _, ...inherited } = process.env
  const child = spawn(process.execPath, [launcher, ...words], {
    env: { ...inherited, OPENLEDGER_STATE: folder, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    said.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.stderr += chunk
  })
  const code = await new Promise((done) => child.on('close', done))
  return { code, ...said }
}

test.each(['datanet list', `answer show ${id}`, 'gov list', 'down', 'node status'])(
  'without a stack `%s` says how to start one',
  async (words) => {
    const { code, stdout, stderr } = await openledger(words.split(' '))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('No stack runs on this state.')
    expect(stderr).toContain('Next: Run `npm start`.')
  },
)

test.each<[refusal: string, words: string, says: string, environment?: NodeJS.ProcessEnv]>([
  ['no key to sign with', `stake deposit ${id} 1`, 'This needs a key to sign with, and none was given.'],
  ['a demo account elsewhere', `stake deposit ${id} 1 --account alice`, 'Demo accounts are for local chains'],
  ['a key that is none', `stake deposit ${id} 1`, 'OPENLEDGER_KEY is no private key.', { OPENLEDGER_KEY: 'swordfish' }],
  ['a keystore that is not there', `stake deposit ${id} 1 --keystore none`, 'The keystore file cannot be read.'],
])('%s is refused', async (_, words, says, environment) => {
  const { code, stdout, stderr } = await openledger([...words.split(' '), '--api-url', apiUrl], environment)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(says)
  expect(stderr).not.toContain('swordfish')
})

test('a keystore without its password is not asked for where nobody can answer', async () => {
  const file = join(folder, 'key.json')
  writeFileSync(file, '{}')
  const words = ['stake', 'deposit', id, '1', '--keystore', file, '--no-input', '--api-url', apiUrl]
  const { code, stderr } = await openledger(words)
  expect([code, stderr]).toEqual([1, expect.stringContaining('no password was given')])
})

test.each<[what: string, words: string, says: string]>([
  ['an id that is none', 'stake deposit 0x12 1', 'This is no id'],
  ['an amount that is none', `stake deposit ${id} 1e3`, 'This is no amount of OPEN.'],
  ['an amount of zero', `stake deposit ${id} 0`, 'This is no amount of OPEN.'],
])('%s is refused before anything is asked', async (_, words, says) => {
  const key = { OPENLEDGER_KEY: `0x${'1'.repeat(64)}` }
  const { code, stderr } = await openledger([...words.split(' '), '--api-url', apiUrl], key)
  expect([code, stderr]).toEqual([1, expect.stringContaining(says)])
})

test('down ends the stack that holds the state, and waits until it has', async () => {
  const state = join(folder, 'running')
  mkdirSync(state)
  const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  writeFileSync(join(state, 'lock'), JSON.stringify({ supervisor: identify(holder.pid!), processes: [] }))
  const ended = new Promise((done) => holder.on('exit', (_, signal) => done(signal)))
  const { code, stdout } = await openledger(['down', '--json'], { OPENLEDGER_STATE: state })
  expect([code, JSON.parse(stdout)]).toEqual([0, { ended: true, pid: holder.pid }])
  expect(await ended).toBe('SIGTERM')
})

test('the completion script is one that bash reads, and completes verbs and flags', async () => {
  const { stdout } = await openledger(['completion', 'bash'])
  const script = `${stdout}
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _openledger; echo "\${COMPREPLY[*]}"; }
complete_words openledger dat
complete_words openledger datanet pu
complete_words openledger stake deposit 0x12 --dry`
  const { stdout: completed, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(completed.trim().split('\n')).toEqual(['datanet', 'push', '--dry-run'])
})
