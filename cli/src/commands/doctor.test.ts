import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Settings } from '../settings.ts'
import { freePorts } from '../stack/ports.ts'
import { StateLock, statePaths } from '../stack/state-directory.ts'
import { examine } from './doctor.ts'

let state: string
let settings: Settings
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'doctor-'))
  settings = { ...(await freePorts()), state } as Settings
})
afterEach(() => rmSync(state, { recursive: true }))

test('a machine with everything is found well', async () => {
  const findings = await examine(settings)
  expect(findings.filter(({ ok }) => !ok)).toEqual([])
})

test('a taken port is found, with what to do', async () => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(settings.chainPort, '127.0.0.1', done))
  const findings = await examine(settings)
  await new Promise((done) => server.close(done))
  expect(findings.filter(({ ok }) => !ok)).toEqual([
    {
      check: 'Ports',
      ok: false,
      detail: `Port ${settings.chainPort} is taken.`,
      nextStep: expect.stringContaining('--chain-port'),
    },
  ])
})

test('ports that the stack itself holds are no fault', async () => {
  const { lock } = StateLock.take(statePaths(state).lock)
  const ports = (await examine(settings)).find(({ check }) => check === 'Ports')
  lock.release()
  expect(ports).toMatchObject({ ok: true, detail: expect.stringContaining(`pid ${process.pid}`) })
})
