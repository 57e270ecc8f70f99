import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readSettings } from './settings.ts'

const DEPLOYER = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const OTHER = `0x${'7'.repeat(40)}`
const ROLES = ['guardian', 'council', 'treasury', 'attester', 'proposer', 'keeper', 'holder']
const node = async () => OTHER
const read = (flags: string[], environment: NodeJS.ProcessEnv = {}) => readSettings(flags, environment, node)

test('without flags, the node of this machine deploys for itself', async () => {
  const settings = await read([], { OPENLEDGER_STATE: '/state' })
  expect(settings).toMatchObject({
    rpcUrl: 'http://127.0.0.1:8545',
    network: 'local',
    sender: { kind: 'unlocked', address: OTHER },
    deploymentDir: resolve('/state/deployments/local'),
    deploymentFile: resolve('/state/deployments/local.json'),
    confirmations: 1,
  })
  expect(settings.parameters).toEqual({
    ...{ guardian: OTHER, council: OTHER, treasury: OTHER, attester: OTHER, proposer: OTHER, keeper: OTHER },
    ...{ holder: OTHER, investors: OTHER, team: OTHER },
    bondWei: 1000n * 10n ** 18n,
    challengeWindowSeconds: 86_400,
    thawSeconds: 86_400,
  })
})

test('a key in the environment deploys, and flags win', async () => {
  const environment = { OPENLEDGER_KEY: KEY, OPENLEDGER_RPC_URL: 'http://a', OPENLEDGER_DEPLOYMENT: '/b.json' }
  const roles = ROLES.flatMap((role) => [`--${role}`, OTHER])
  const flags = ['--network', 'sepolia', '--rpc-url', 'http://c', '--bond', '0.5', '--window', '7', ...roles]
  const settings = await read(flags, environment)
  expect(settings).toMatchObject({ rpcUrl: 'http://c', deploymentFile: resolve('/b.json') })
  expect(settings.sender).toEqual({ kind: 'key', privateKey: KEY })
  expect(settings).not.toHaveProperty('confirmations')
  expect(settings.parameters).toMatchObject({
    ...{ guardian: OTHER, team: OTHER },
    bondWei: 5n * 10n ** 17n,
    challengeWindowSeconds: 7,
  })
})

test('on another network every role must be named, so that none stays with the deployer by oversight', async () => {
  for (const missing of ROLES) {
    const roles = ROLES.filter((role) => role !== missing).flatMap((role) => [`--${role}`, OTHER])
    const refused = read(['--network', 'sepolia', '--rpc-url', 'http://c', ...roles], { OPENLEDGER_KEY: KEY })
    await expect(refused).rejects.toMatchObject({ code: 'deployment.settings', facts: { setting: `--${missing}` } })
  }
})

test('without a role flag, the local network falls back to the deployer', async () => {
  const { parameters } = await read(['--holder', OTHER], { OPENLEDGER_KEY: KEY })
  expect(parameters).toMatchObject({ guardian: DEPLOYER, council: DEPLOYER, investors: OTHER, team: OTHER })
})

test.each([
  ['an unknown flag', ['--bnd', '1'], {}],
  ['a name that is no file name', ['--network', '../x'], {}],
  ['another network without an address', ['--network', 'mainnet'], {}],
  ['a key that is none', [], { OPENLEDGER_KEY: '0x1234' }],
  ['a guardian that is no address', ['--guardian', 'alice'], {}],
  ['an entry point that is no address', ['--entry-point', '0x12'], {}],
  ['no bond', ['--bond', '0'], {}],
  ['a bond that is no number', ['--bond', 'much'], {}],
  ['no window', ['--window', '0'], {}],
  ['a thaw of days', ['--thaw', '2d'], {}],
])('%s is refused', async (_, flags, environment) => {
  await expect(read(flags, environment)).rejects.toMatchObject({ code: 'deployment.settings' })
})
