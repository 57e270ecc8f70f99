import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identify } from './process-identity.ts'
import { holderOf, openStateDirectory, requireSpace, StateLock } from './state-directory.ts'

let root: string
let path: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-'))
  path = join(root, 'lock')
})
afterEach(() => rmSync(root, { recursive: true }))

const dead = { pid: process.pid, startedAt: 'long ago' } // our number, but not us

test('a state that a running process holds is refused with its pid', () => {
  const { lock } = StateLock.take(path)
  expect(holderOf(path)).toEqual(identify(process.pid))
  expect(() => StateLock.take(path)).toThrow(
    expect.objectContaining({ code: 'state.locked', facts: expect.objectContaining({ pid: process.pid }) }),
  )
  lock.release()
  expect(holderOf(path)).toBeUndefined()
  StateLock.take(path).lock.release()
})

test('what a dead supervisor left is taken over, with the list of its processes', () => {
  const ours = identify(process.pid)
  writeFileSync(path, JSON.stringify({ supervisor: dead, processes: [dead, ours] }))
  const { lock, leftBehind } = StateLock.take(path)
  expect(leftBehind).toEqual([dead, ours])
  lock.release()
  expect(readdirSync(root)).toEqual([])
})

test.each(['', '{"supervisor":'])('a lock that was cut off while it was written holds nobody out: %j', (content) => {
  writeFileSync(path, content)
  const { lock, leftBehind } = StateLock.take(path)
  expect(leftBehind).toEqual([])
  lock.release()
})

test('the lock knows the processes that run now', () => {
  const { lock } = StateLock.take(path)
  lock.add({ pid: 7, startedAt: 'a' })
  lock.add({ pid: 8, startedAt: 'b' })
  lock.remove(7)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    supervisor: identify(process.pid),
    processes: [{ pid: 8, startedAt: 'b' }],
  })
  lock.release()
})

test('a directory is made ready with its folders', () => {
  const state = openStateDirectory(join(root, 'new'))
  for (const folder of [state.chain, state.subgraph, state.logs]) expect(existsSync(folder)).toBe(true)
})

test('a place where no directory can be is refused', () => {
  writeFileSync(path, 'a file')
  expect(() => openStateDirectory(join(path, 'state'))).toThrow(expect.objectContaining({ code: 'state.not_writable' }))
})

test('too little space is refused before anything starts', () => {
  expect(() => requireSpace(root, 100 * 2 ** 20)).toThrow(
    expect.objectContaining({ code: 'state.no_space', facts: { directory: root, freeMiB: 100, neededMiB: 1024 } }),
  )
  expect(() => requireSpace(root, 2 ** 31)).not.toThrow()
})
