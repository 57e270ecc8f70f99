import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { PORT_NAMES, type Settings } from '../settings.ts'
import { claimPorts, freePorts } from './ports.ts'

const held: Server[] = []
afterEach(() => Promise.all(held.splice(0).map((server) => new Promise((done) => server.close(done)))))

const settingsWith = async (ports: Partial<Settings>) => ({ ...(await freePorts()), ...ports }) as Settings

function hold(port: number, host: string): Promise<void> {
  const server = createServer()
  held.push(server)
  return new Promise((resolve) => server.listen(port, host, resolve))
}

test('free ports are all different, and can be claimed', async () => {
  const ports = await freePorts()
  expect(new Set(Object.values(ports)).size).toBe(PORT_NAMES.length)
  expect(await claimPorts(ports as Settings)).toEqual(ports)
})

test.each(['127.0.0.1', '0.0.0.0'])(
  'a port that somebody holds on %s is refused with the flag that moves it',
  async (host) => {
    const settings = await settingsWith({})
    await hold(settings.enginePort, host)
    await expect(claimPorts(settings)).rejects.toMatchObject({
      code: 'port.taken',
      facts: { port: settings.enginePort },
      nextStep: expect.stringContaining('--engine-port'),
    })
  },
)

test('two settings with the same port are refused', async () => {
  const { apiPort } = await freePorts()
  const settings = await settingsWith({ apiPort, contentPort: apiPort })
  await expect(claimPorts(settings)).rejects.toMatchObject({ code: 'port.taken', facts: { 'taken by': 'contentPort' } })
})
