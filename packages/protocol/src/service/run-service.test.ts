import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const home = new URL('./index.ts', import.meta.url).href

function forkService(body: string): ChildProcess {
  const file = join(mkdtempSync(join(tmpdir(), 'openledger-service-')), 'service.mjs')
  writeFileSync(file, `import { runService } from ${JSON.stringify(home)}\n${body}`)
  return fork(file, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
}

const message = (child: ChildProcess) =>
  new Promise<Record<string, unknown>>((resolve) => child.once('message', (m) => resolve(m as never)))
const exit = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve))
const keepAlive = 'setInterval(() => {}, 1000)'

test('a service says that it is ready and ends on SIGTERM', async () => {
  const child = forkService(
    `${keepAlive}; await runService('t', async () => ({ url: 'http://x', close: async () => {} }))`,
  )
  expect(await message(child)).toEqual({ kind: 'ready', url: 'http://x' })
  const ended = exit(child)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('a service ends when its parent is gone', async () => {
  const child = forkService(`${keepAlive}; await runService('t', async () => ({ url: 'u', close: async () => {} }))`)
  await message(child)
  const ended = exit(child)
  child.disconnect()
  expect(await ended).toBe(0)
})

test('a service that cannot start says why and exits with 1', async () => {
  const child = forkService(`await runService('t', async () => { throw new Error('no port') })`)
  const ended = exit(child)
  expect(await message(child)).toEqual({ kind: 'failed', error: { message: 'Error: no port' } })
  expect(await ended).toBe(1)
})
