import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CONTRACT_NAMES } from '@openledger/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installTarball } from './install-tarball.ts'

/** `npx openledger` as npm installs it, in a project that knows nothing of this repository. */
const root = resolve(import.meta.dirname, '..')
let consumer: string
let program: string

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), 'cli-consumer-'))
  const output = execFileSync(process.execPath, [join(root, 'cli/pack.ts'), consumer], { encoding: 'utf8' })
  const homes = ['cli', 'attribution-engine', 'inference-node', 'model-factory', 'packages/analytics']
  const others = ['sdk', 'protocol', 'standards', 'language-model', 'lineage-store', 'content-store']
  const folders = [...homes, ...others.map((name) => `packages/${name}`)].map((home) => join(root, home))
  const place = installTarball(consumer, output.trim(), 'openledger', folders)
  const { bin } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'))
  program = join(place, bin.openledger)
})
afterAll(() => rmSync(consumer, { recursive: true, force: true }))

type Run = { code: number; stdout: string; stderr: string }
function openledger(...parameters: string[]): Promise<Run> {
  const { NODE_OPTIONS: _, ...env } = process.env
  return new Promise((done) => {
    execFile(process.execPath, [program, ...parameters], { cwd: consumer, env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

test('it lists its commands, and nothing is said on stderr', async () => {
  const { code, stdout, stderr } = await openledger('--help')
  expect([code, stderr]).toEqual([0, ''])
  for (const noun of ['datanet', 'train', 'model', 'ask', 'answer', 'rewards', 'stake', 'gov', 'mcp'])
    expect(stdout).toMatch(new RegExp(`^  ${noun}`, 'm'))
})

test('without a stack a command says so, and exits with 1', async () => {
  const { code, stdout, stderr } = await openledger('datanet', 'list', '--api-url', 'http://127.0.0.1:9')
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain('A service does not answer.')
})

test('wrong use exits with 2 and shows the command’s help', async () => {
  const { code, stderr } = await openledger('datanet', 'show')
  expect(code).toBe(2)
  expect(stderr).toContain('Usage: openledger datanet show')
})

test('it asks the api that it is told of', async () => {
  const contracts = Object.fromEntries(CONTRACT_NAMES.map((name) => [name, `0x${'2'.repeat(40)}`]))
  const datanets = { nodes: [{ id: `0x${'1'.repeat(64)}`, name: 'Texts', licence: 'MIT', recordCount: '3' }] }
  const server = createServer((request, response) => {
    const body =
      request.url === '/links.json'
        ? { chainId: 31337, rpc: 'http://127.0.0.1:9', inference: 'http://127.0.0.1:9', contracts }
        : { data: { datanets } }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code, stdout } = await openledger('datanet', 'list', '--json', '--api-url', url)
  server.close()
  expect([code, JSON.parse(stdout)]).toEqual([0, { datanets: datanets.nodes }])
})
