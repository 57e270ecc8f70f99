import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let state: string
beforeAll(() => {
  state = mkdtempSync(join(tmpdir(), 'main-'))
})
afterAll(() => rmSync(state, { recursive: true }))

function openledger(...parameters: string[]): { status: number | null; stdout: string; stderr: string } {
  const launcher = join(import.meta.dirname, '../bin/openledger.mjs')
  return spawnSync(process.execPath, [launcher, ...parameters], { encoding: 'utf8' })
}

test('what cannot be done is one message with facts and next step on stderr, and exit code 1', () => {
  const { status, stdout, stderr } = openledger('status', '--state', state)
  expect(stderr.trim()).toBe(`No stack runs on this state.\n\n  state  ${state}\n\nNext: Run \`npm start\`.`)
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
})

test('a command that does not exist shows the help and exits with 2', () => {
  const { status, stderr } = openledger('fly')
  expect(stderr).toContain("unknown command 'fly'")
  expect(stderr).toContain('Usage: openledger')
  expect(status).toBe(2)
})

test('the help of a command lists every setting with its variable and default', () => {
  const { status, stdout } = openledger('up', '--help')
  expect(stdout).toMatch(/--chain-port <value>\s+JSON-RPC of the chain\. \(OPENLEDGER_CHAIN_PORT,\s+8545\)/)
  expect(status).toBe(0)
})
