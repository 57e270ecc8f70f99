import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts'
import { type ProcessPlan, Supervisor } from './supervisor.ts'

let logs: string
let known: ProcessIdentity[]
let supervisor: Supervisor
beforeEach(async () => {
  logs = mkdtempSync(join(tmpdir(), 'supervisor-'))
  known = []
  supervisor = await Supervisor.start(logs, {
    add: (process) => known.push(process),
    remove: (pid) =>
      known.splice(
        known.findIndex((process) => process.pid === pid),
        1,
      ),
  })
})
afterEach(async () => {
  await supervisor.end()
  rmSync(logs, { recursive: true })
})

const script = (name: string, text: string, more: Partial<ProcessPlan> = {}): ProcessPlan => ({
  name,
  command: process.execPath,
  parameters: ['-e', text],
  stopSignal: 'SIGTERM',
  graceMs: 5_000,
  endsWith: 0,
  channel: false,
  ...more,
})
const FOREVER = 'setInterval(() => {}, 1000)'

test('a process that dies unasked is a failure that names its log and last line', async () => {
  await supervisor.run(script('fragile', 'console.error("out of luck"); process.exit(3)'))
  await expect(supervisor.failure).rejects.toMatchObject({
    code: 'stack.process_ended',
    facts: { process: 'fragile', how: 'exit 3', log: join(logs, 'fragile.log'), 'last line': 'out of luck' },
  })
})

test('what waits for the stack stops waiting when a process dies', async () => {
  const running = await supervisor.run(script('victim', FOREVER))
  const waiting = supervisor.during(new Promise(() => undefined))
  process.kill(running.pid, 'SIGKILL')
  await expect(waiting).rejects.toMatchObject({ facts: { process: 'victim', how: 'SIGKILL' } })
})

test('a service that says why it cannot start is quoted', async () => {
  const report = { code: 'node.no_key', message: 'No key.', facts: {}, nextStep: 'Give one.', retryable: false }
  const text = `process.send({ kind: 'failed', error: ${JSON.stringify(report)} }, () => process.exit(1))`
  await supervisor.run(script('keyless', text, { channel: true }))
  await expect(supervisor.failure).rejects.toMatchObject({ code: 'node.no_key', facts: { process: 'keyless' } })
})

test('a program that does not exist is refused by name', async () => {
  const plan = { ...script('absent', ''), command: '/no/such/program' }
  await expect(supervisor.run(plan)).rejects.toMatchObject({ code: 'stack.cannot_start', facts: { reason: 'ENOENT' } })
})

test('processes end group by group, and the failure stays silent', async () => {
  const ended: string[] = []
  for (const [name, endsWith] of [
    ['last', 2],
    ['first', 0],
    ['middle', 1],
  ] as const) {
    const running = await supervisor.run(script(name, FOREVER, { endsWith }))
    void running.exit.then(() => ended.push(name))
  }
  await supervisor.endUpTo(1)
  expect(supervisor.processes).toMatchObject([{ name: 'last' }])
  await supervisor.end()
  expect(ended).toEqual(['first', 'middle', 'last'])
  expect(supervisor.processes).toEqual([])
  expect(known.filter(isRunning)).toEqual([])
})

test('a process that does not listen is killed after its grace', async () => {
  const deaf = `process.on('SIGTERM', () => {}); console.log('deaf'); ${FOREVER}`
  const running = await supervisor.run(script('deaf', deaf, { graceMs: 100 }))
  await expect.poll(() => running.said(), { timeout: 20_000 }).toContain('deaf')
  await supervisor.end()
  expect(await running.exit).toBe('SIGKILL')
})

test('nothing starts once the stack is being ended', async () => {
  await supervisor.end()
  await expect(supervisor.run(script('late', FOREVER))).rejects.toMatchObject({ facts: { process: 'late' } })
})

test('a task gives back how it ended and what it printed, and only that of this run', async () => {
  const said = (text: string) =>
    supervisor.complete(script('task', `console.log('${text}'); process.exit(${text.length})`))
  expect(await said('one')).toEqual({ how: 'exit 3', said: 'one\n' })
  expect(await said('again')).toEqual({ how: 'exit 5', said: 'again\n' })
})

test('a killed guard is a failure: nobody would end the processes after us', async () => {
  process.kill(known[0]!.pid, 'SIGKILL')
  await expect(supervisor.failure).rejects.toMatchObject({ facts: { process: 'guard' } })
})

test('when the supervisor is killed with -9, the guard ends all its processes, deaf ones too', async () => {
  const parent = spawn(process.execPath, [join(import.meta.dirname, 'testing/supervise-and-wait.ts'), logs])
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const children = (JSON.parse(line.toString()) as number[]).map(identify)
  expect(children.map(isRunning)).toEqual([true, true])
  parent.kill('SIGKILL')
  await expect.poll(() => children.filter(isRunning), { timeout: 20_000 }).toEqual([])
})
