import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse as parseToml } from 'smol-toml'
import { expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'

type Service = { image: string; command?: string[]; ports?: string[]; environment?: Record<string, string> }
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> }
type Chain = Record<string, unknown> & {
  id: string
  roles: Record<string, string>
  customGasToken: { name: string; symbol: string; initialLiquidity: string; liquidityControllerOwner: string }
}
type Intent = Record<string, unknown> & { l1ChainID: number; superchainRoles: Record<string, string>; chains: Chain[] }

const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8')
const intent = parseToml(read('intent.toml')) as unknown as Intent
const chain = intent.chains[0]!
const composeText = read('docker-compose.yml')
const compose = parseYaml(composeText, { merge: true }) as Compose
const environment = Object.fromEntries(
  read('.env.example')
    .split('\n')
    .filter((line) => /^[A-Z0-9_]+=/.test(line))
    .map((line) => line.split('=', 2) as [string, string]),
)

test('one chain is meant, everywhere the same', () => {
  expect(intent.chains).toHaveLength(1)
  expect(chain.id).toMatch(/^0x[0-9a-f]{64}$/)
  expect(BigInt(chain.id)).toBe(BigInt(environment.L2_CHAIN_ID!))
  expect(intent.l1ChainID).toBe(Number(environment.L1_CHAIN_ID))
  expect(read('intent.toml')).toContain(`# ${environment.L2_CHAIN_ID},`)
})

test('the gas token is OPEN, as much as there is of it', () => {
  const { name, symbol, initialLiquidity, liquidityControllerOwner } = chain.customGasToken
  expect([name, symbol]).toEqual(['OpenLedger', 'OPEN'])
  expect(BigInt(initialLiquidity)).toBe(1_000_000_000n * 10n ** 18n)
  expect(liquidityControllerOwner).toMatch(/^0x[0-9a-fA-F]{40}$/)
  expect(intent.configType).toBe('custom')
})

test('each address is one, and not zero', () => {
  const recipients = Object.entries(chain).filter(([field]) => field.endsWith('Recipient'))
  expect(recipients).toHaveLength(4)
  const addresses = [
    ...Object.values(intent.superchainRoles),
    ...Object.values(chain.roles),
    ...recipients.map((r) => r[1]),
  ]
  expect(addresses).toHaveLength(4 + 7 + 4)
  for (const address of addresses) {
    expect(address).toMatch(/^0x[0-9a-fA-F]{40}$/)
    expect(BigInt(address as string)).not.toBe(0n)
  }
})

test('keys that sign on L1 are not shared', () => {
  const { unsafeBlockSigner, batcher, proposer, challenger } = chain.roles
  expect(new Set([unsafeBlockSigner, batcher, proposer, challenger]).size).toBe(4)
})

test('what op-deployer refuses as zero is set', () => {
  for (const field of ['gasLimit', 'eip1559Denominator', 'eip1559DenominatorCanyon', 'eip1559Elasticity']) {
    expect(chain[field], field).toBeGreaterThan(0)
  }
})

test('services run pinned images', () => {
  expect(Object.keys(compose.services)).toEqual(['op-reth', 'op-node', 'op-batcher', 'op-proposer', 'op-challenger'])
  for (const [name, { image }] of Object.entries(compose.services)) {
    expect(image).toMatch(new RegExp(`/${name}:v\\d+\\.\\d+\\.\\d+$`))
  }
})

test('no port is taken twice, here or by the platform beside it', () => {
  const rootFile = readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8')
  const root = parseYaml(rootFile, { merge: true }) as Compose
  const published = [compose, root].flatMap(({ services }) =>
    Object.values(services).flatMap(({ ports = [] }) =>
      ports.map((port) => `${port.split(':').at(-2)}/${protocol(port)}`),
    ),
  )
  expect(published.length).toBeGreaterThan(5)
  expect(new Set(published).size).toBe(published.length)
  const listening = composeText.match(/--(?:[a-z]+\.)?(?:rpc\.)?port=\d+/g)!.map((flag) => flag.split('=')[1])
  expect(new Set(listening).size).toBe(listening.length)
})

test('services call each other where they listen', () => {
  const listens: Record<string, string[]> = {}
  for (const [name, { command = [] }] of Object.entries(compose.services)) {
    listens[name] = command.flatMap((flag) => flag.match(/port=(\d+)/)?.[1] ?? [])
  }
  const calls = [...composeText.matchAll(/http:\/\/(op-[a-z]+):(\d+)/g)]
  expect(calls.length).toBeGreaterThan(4)
  for (const [, name, port] of calls) expect(listens[name!]).toContain(port)
})

test('every variable that the services read is in .env.example, and no other', () => {
  const used = new Set([...composeText.matchAll(/\$\{([A-Z0-9_]+)/g)].map((match) => match[1]))
  const named = new Set(Object.keys(environment))
  for (const variable of used) expect(named).toContain(variable)
  for (const variable of named) expect([...used, 'L2_CHAIN_ID', 'L1_CHAIN_ID']).toContain(variable)
})

test('the example holds no key', () => {
  for (const [variable, value] of Object.entries(environment)) if (variable.endsWith('_KEY')) expect(value).toBe('')
})

function protocol(port: string): string {
  return port.endsWith('/udp') ? 'udp' : 'tcp'
}
