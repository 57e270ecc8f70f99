import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newestState } from './chain.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'chain-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const save = (name: string, content: string) => writeFileSync(join(directory, name), content)
const height = (number: number) => JSON.stringify({ best_block_number: number, blocks: [] })

test('a new chain has no saved state', () => {
  expect(newestState(directory)).toBeUndefined()
})

test('of what we saved and what the chain saved at its end, the one with more blocks counts', () => {
  save('state.json', height(90))
  save('state-at-exit.json', height(100))
  expect(newestState(directory)).toBe(join(directory, 'state-at-exit.json'))
  save('state.json', height(120))
  expect(newestState(directory)).toBe(join(directory, 'state.json'))
})

test.each(['', '{"best_block_number":100,"blo', '{}'])('a file that was cut off is passed over: %j', (content) => {
  save('state.json', height(90))
  save('state-at-exit.json', content)
  expect(newestState(directory)).toBe(join(directory, 'state.json'))
})
