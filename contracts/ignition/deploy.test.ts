import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { CONTRACT_NAMES, type ContractName, Deployment, OpenLedgerError } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Contract, type InterfaceAbi, JsonRpcProvider, Wallet, ZeroAddress } from 'ethers'
import hre from 'hardhat'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { deploy, deployThrough } from './deploy.ts'
import { rpcProvider } from './rpc-provider.ts'

// The well-known first key of development chains; worth nothing anywhere else.
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const role = (digit: number) => `0x${String(digit).repeat(40)}`
const parameters: deploy.Parameters = {
  guardian: role(1),
  council: role(2),
  treasury: role(3),
  attester: role(4),
  proposer: role(5),
  keeper: role(6),
  holder: role(7),
  investors: role(8),
  team: role(9),
  bondWei: 10n ** 21n,
  challengeWindowSeconds: 60,
  thawSeconds: 120,
}
/** Transactions of a whole deployment. */
const SENDS = 46

let rpcUrl: string
let chain: { close(): Promise<void> }
let folder: string
const fresh = async () => mkdtemp(join(tmpdir(), 'openledger-deploy-'))
const terms = (): deploy.Terms => ({
  network: 'test',
  parameters,
  deploymentDir: join(folder, 'journal'),
  confirmations: 1,
  pollingMs: 20,
})

beforeAll(async () => {
  const server = await hre.network.createServer()
  const { address, port } = await server.listen()
  rpcUrl = `http://${address}:${port}`
  chain = server
  folder = await fresh()
})
afterEach(async () => {
  await rm(folder, { recursive: true })
  folder = await fresh()
})
afterAll(async () => {
  await chain.close()
  await rm(folder, { recursive: true })
})

/** The chain, with a count of what was sent through it. The line goes dead at send number `at`, before or after it. */
function counted(cut?: { at: number; when: 'before' | 'after' }): EIP1193Provider & { sent: number } {
  const node = rpcProvider(rpcUrl)
  let dead = false
  return {
    sent: 0,
    async request(call) {
      const sends = call.method === 'eth_sendTransaction'
      if (dead || (sends && cut?.when === 'before' && this.sent + 1 === cut.at)) {
        dead = true
        throw new Error('the line went dead')
      }
      const answer = await node.request(call)
      if (sends) this.sent += 1
      if (sends && cut?.when === 'after' && this.sent === cut.at) {
        dead = true
        throw new Error('the line went dead')
      }
      return answer
    },
  }
}

test('everything is deployed and wired as the parameters say, and the file says where', async () => {
  const deploymentFile = join(folder, 'deployments', 'test.json')
  const deployment = await deploy({ ...terms(), rpcUrl, sender: { kind: 'key', privateKey: KEY }, deploymentFile })
  expect(Deployment.parse(JSON.parse(await readFile(deploymentFile, 'utf8')))).toEqual(deployment)

  const node = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true })
  const at = (name: ContractName) =>
    new Contract(deployment.contracts[name].address, abis[`${name}Abi`] as InterfaceAbi, node) as Contract &
      Record<string, (...values: unknown[]) => Promise<unknown>>
  const lower = (value: unknown) => String(value).toLowerCase()
  const place = (name: ContractName) => deployment.contracts[name].address
  try {
    expect(await at('OpenToken').balanceOf!(parameters.holder)).toBe((10n ** 27n * 2155n) / 10_000n)
    expect(await at('LineageRegistry').isAttester!(parameters.attester)).toBe(true)
    expect(await at('RootCourt').isProposer!(parameters.proposer)).toBe(true)
    expect(await at('RootCourt').bondWei!()).toBe(parameters.bondWei)
    expect(lower(await at('RootCourt').council!())).toBe(parameters.council)
    expect(lower(await at('RootCourt').distributor!())).toBe(place('RewardDistributor'))
    expect(lower(await at('RewardDrip').VAULT!())).toBe(place('RewardDistributor'))
    const escrow = at('InferenceEscrow')
    const parts = { REWARDS: 'RewardDrip', REGISTRY: 'LineageRegistry', STAKING: 'AgentStaking' } as const
    for (const [part, name] of Object.entries(parts)) expect(lower(await escrow[part]!())).toBe(place(name))
    expect(lower(await escrow.TREASURY!())).toBe(parameters.treasury)
    expect(await escrow.THAW_TIME!()).toBe(120n)
    for (const slasher of ['Disputes', 'ReplayFaults', 'TrainingJobs'] as const) {
      expect(await at('AgentStaking').isSlasher!(place(slasher))).toBe(true)
    }
    expect(lower(await at('LineageRegistry').contributionRules!())).toBe(place('Curation'))
    for (const { address: where, block } of Object.values(deployment.contracts)) {
      expect(block).toBeGreaterThanOrEqual(deployment.startBlock)
      expect(await node.getCode(where, block)).not.toBe('0x')
      expect(await node.getCode(where, block - 1)).toBe('0x')
    }
  } finally {
    node.destroy()
  }
})

test('the deployer ends with no power: the timelock owns all, and nobody but the governor has a role in it', async () => {
  const deployment = await deploy({ ...terms(), rpcUrl, sender: { kind: 'key', privateKey: KEY } })
  const deployer = new Wallet(KEY).address
  const node = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true })
  const timelock = deployment.contracts.OpenTimelock.address
  const governor = deployment.contracts.OpenGovernor.address
  const OWNED =
    'AgentRegistry AgentReputation AgentStaking BoundedPrice CommunityEmission Curation Disputes Evaluations '
  const MORE =
    'InferenceEscrow LineageRegistry OpenPaymaster QualityReports ReplayFaults RewardDrip RootCourt TrainingJobs'
  try {
    const owned: string[] = []
    for (const name of CONTRACT_NAMES) {
      const contract = new Contract(deployment.contracts[name].address, abis[`${name}Abi`] as InterfaceAbi, node)
      const has = (called: string) => contract.interface.getFunction(called) !== null
      if (has('owner')) {
        expect([name, String(await contract.owner!()).toLowerCase()]).toEqual([name, timelock])
        owned.push(name)
      }
      if (has('guardian')) expect(String(await contract.guardian!())).not.toBe(deployer)
      if (has('pendingOwner')) expect(await contract.pendingOwner!()).toBe(ZeroAddress)
      if (has('balanceOf') && name !== 'EntryPoint') expect(await contract.balanceOf!(deployer)).toBe(0n)
    }
    expect(owned.sort()).toEqual(`${OWNED}${MORE}`.split(' ').sort())
    const roles = new Contract(timelock, abis.OpenTimelockAbi, node)
    for (const name of ['DEFAULT_ADMIN_ROLE', 'PROPOSER_ROLE', 'CANCELLER_ROLE', 'EXECUTOR_ROLE']) {
      expect(await roles.hasRole!(await roles[name]!(), deployer)).toBe(false)
    }
    expect(await roles.hasRole!(await roles.PROPOSER_ROLE!(), governor)).toBe(true)
    const genesis = new Contract(deployment.contracts.Genesis.address, abis.GenesisAbi, node)
    expect(await genesis.isDone!()).toBe(true)
    // Every function that the deployer might still call to change something is refused.
    const registry = new Contract(deployment.contracts.LineageRegistry.address, abis.LineageRegistryAbi, node)
    await expect(registry.setFlagger!.staticCall(deployer, true, { from: deployer })).rejects.toThrow()
    await expect(registry.upgradeToAndCall!.staticCall(timelock, '0x', { from: deployer })).rejects.toThrow()
  } finally {
    node.destroy()
  }
})

test('a second call on a finished deployment sends nothing and answers the same', async () => {
  const first = counted()
  const deployment = await deployThrough(first, undefined, terms())
  expect(first.sent).toBe(SENDS)
  const second = counted()
  expect(await deployThrough(second, undefined, terms())).toEqual(deployment)
  expect(second.sent).toBe(0)
})

test.each([
  { at: 1, when: 'before', sent: 0 },
  { at: 1, when: 'after', sent: 1 },
  { at: 20, when: 'before', sent: 19 },
  { at: 45, when: 'after', sent: 45 },
  { at: SENDS, when: 'after', sent: SENDS },
] as const)('cut off $when send $at, a deployment goes on, and nothing is sent twice', async ({ at, when, sent }) => {
  const cut = counted({ at, when })
  await expect(deployThrough(cut, undefined, terms())).rejects.toThrow('the line went dead')
  const rest = counted()
  const deployment = await deployThrough(rest, undefined, terms())
  expect([cut.sent, rest.sent]).toEqual([sent, SENDS - sent])
  expect(Object.keys(deployment.contracts)).toHaveLength(CONTRACT_NAMES.length)
})

test('a step that failed is done again once its cause is gone', async () => {
  const node = counted()
  let poor = true
  const broke: EIP1193Provider = {
    request: async (call) => {
      if (poor && call.method === 'eth_call') throw new Error('execution reverted')
      return node.request(call)
    },
  }
  await expect(deployThrough(broke, undefined, terms())).rejects.toMatchObject({ code: 'deployment.failed' })
  poor = false
  await deployThrough(broke, undefined, terms())
  expect(node.sent).toBe(SENDS)
})

test('other parameters on a finished deployment are refused and send nothing', async () => {
  await deployThrough(counted(), undefined, terms())
  const again = counted()
  const changed = { ...terms(), parameters: { ...parameters, bondWei: 1n } }
  await expect(deployThrough(again, undefined, changed)).rejects.toMatchObject({ code: 'deployment.changed' })
  expect(again.sent).toBe(0)
})

test('a journal of a chain that is gone is refused', async () => {
  await deployThrough(counted(), undefined, terms())
  const other = await hre.network.createServer()
  const { address, port } = await other.listen()
  try {
    const elsewhere = deploy({ ...terms(), rpcUrl: `http://${address}:${port}`, sender: { kind: 'unlocked' } })
    await expect(elsewhere).rejects.toMatchObject({ code: 'deployment.other_chain' })
  } finally {
    await other.close()
  }
})

test('parameters that the contracts refuse are reported with the reason', async () => {
  const refused = { ...terms(), parameters: { ...parameters, bondWei: 0n } }
  const error = await deployThrough(counted(), undefined, refused).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(OpenLedgerError)
  expect(error).toMatchObject({ code: 'deployment.failed' })
  expect((error as OpenLedgerError).facts.reasons).toContain('OpenLedger#RootCourtProxy')
})

test('a chain that does not answer is named, and may be tried again', async () => {
  const nowhere = deploy({ ...terms(), rpcUrl: 'http://127.0.0.1:1', sender: { kind: 'key', privateKey: KEY } })
  await expect(nowhere).rejects.toMatchObject({ code: 'chain.unreachable', retryable: true })
})

test('a node without accounts needs a key', async () => {
  const bare: EIP1193Provider = { request: async () => [] }
  await expect(deployThrough(bare, undefined, terms())).rejects.toMatchObject({ code: 'deployment.no_sender' })
})

test('the command prints the addresses, and one clear message when it cannot', async () => {
  const done = await command(['--rpc-url', rpcUrl, '--window', '5'])
  expect(done.code).toBe(0)
  const { contracts } = Deployment.parse(JSON.parse(done.stdout))
  expect(Object.keys(contracts)).toHaveLength(CONTRACT_NAMES.length)
  const wrong = await command(['--network', 'mainnet'])
  expect(wrong).toMatchObject({ code: 1, stdout: '' })
  expect(wrong.stderr).toMatch(/^--rpc-url must be the JSON-RPC address of the network\./)
})

function command(flags: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const program = resolve(import.meta.dirname, 'main.ts')
  const environment = { PATH: process.env.PATH, OPENLEDGER_STATE: folder }
  return new Promise((done) => {
    const child = spawn(process.execPath, [program, ...flags], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}
