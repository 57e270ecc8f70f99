import { createServer } from 'node:net'
import { OpenLedgerError } from '@openledger/protocol'
import { describeSetting, PORT_NAMES, type PortName, type Settings } from '../settings.ts'

export type Ports = Pick<Settings, PortName>

/**
 * The ports of a stack, after a look whether they are free.
 * @throws port.taken naming the setting that moves it
 */
export async function claimPorts(settings: Settings): Promise<Ports> {
  const ports = Object.fromEntries(PORT_NAMES.map((name) => [name, settings[name]])) as Ports
  for (const name of PORT_NAMES) {
    const twin = PORT_NAMES.find((other) => other !== name && ports[other] === ports[name])
    if (twin !== undefined || !(await isFree(ports[name]))) throw taken(name, ports[name], twin)
  }
  return ports
}

/** Ports that nobody listens on, for a stack beside others. */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(PORT_NAMES.map(() => listen(0)))
  // All are held at once, so that no number comes twice.
  const numbers = servers.map((server) => (server!.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((done) => server!.close(done))))
  return Object.fromEntries(PORT_NAMES.map((name, i) => [name, numbers[i]])) as Ports
}

/** Asked on every interface: graph-node listens on all of them, and a server elsewhere would answer in our place. */
async function isFree(port: number): Promise<boolean> {
  const server = await listen(port)
  if (server === undefined) return false
  await new Promise((done) => server.close(done))
  return true
}

function listen(port: number): Promise<ReturnType<typeof createServer> | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => resolve(server))
  })
}

function taken(name: PortName, port: number, twin: PortName | undefined): OpenLedgerError {
  const { flag, variable, sentence } = describeSetting(name)
  return new OpenLedgerError('port.taken', `Port ${port} is taken.`, {
    facts: { port, 'needed for': sentence, 'taken by': twin ?? 'another process' },
    nextStep: `Stop what uses it, choose another with ${flag} or ${variable}, or move all ports with --port-offset 100.`,
  })
}
