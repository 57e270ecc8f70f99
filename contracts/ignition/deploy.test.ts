import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { Deployment, OpenLedgerError } from '@openledger/protocol'
import { InferenceEscrowAbi, LineageRegistryAbi, OpenTokenAbi, RootCourtAbi } from '@openledger/protocol/abi'
import { Contract, type InterfaceAbi, JsonRpcProvider } from 'ethers'
import hre from 'hardhat'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { deploy, deployThrough } from './deploy.ts'
import { rpcProvider } from './rpc-provider.ts'

// The well-known first key of development chains; worth nothing anywhere else.
const KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const [governor, treasury, attester, proposer, supplyHolder] = [1, 2, 3, 4, 5].map(
  (digit) => `0x${String(digit).repeat(40)}`,
) as [string, string, string, string, string]
const parameters: deploy.Parameters = {
  governor,
  treasury,
  attester,
  proposer,
  supplyHolder,
  bondWei: 10n ** 21n,
  challengeWindowSeconds: 60,
  thawSeconds: 120,
}

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
  const at = (name: keyof typeof deployment.contracts, abi: InterfaceAbi) =>
    new Contract(deployment.contracts[name].address, abi, node) as Contract & Record<string, () => Promise<unknown>>
  const token = at('OpenToken', OpenTokenAbi)
  const registry = at('LineageRegistry', LineageRegistryAbi)
  const court = at('RootCourt', RootCourtAbi)
  const escrow = at('InferenceEscrow', InferenceEscrowAbi)
  const address = (value: unknown) => String(value).toLowerCase()
  try {
    expect(await token.balanceOf!(supplyHolder)).toBe(10n ** 27n)
    for (const owned of [registry, court, escrow]) expect(address(await owned.owner!())).toBe(governor)
    expect(await registry.isAttester!(attester)).toBe(true)
    expect(await court.isProposer!(proposer)).toBe(true)
    expect(await court.bondWei!()).toBe(parameters.bondWei)
    expect(address(await court.distributor!())).toBe(deployment.contracts.RewardDistributor.address)
    expect(address(await escrow.REWARDS!())).toBe(deployment.contracts.RewardDistributor.address)
    expect(address(await escrow.REGISTRY!())).toBe(deployment.contracts.LineageRegistry.address)
    expect(address(await escrow.TREASURY!())).toBe(treasury)
    expect(await escrow.THAW_TIME!()).toBe(120n)
    for (const { address: place, block } of Object.values(deployment.contracts)) {
      expect(block).toBeGreaterThanOrEqual(deployment.startBlock)
      expect(await node.getCode(place, block)).not.toBe('0x')
      expect(await node.getCode(place, block - 1)).toBe('0x')
    }
  } finally {
    node.destroy()
  }
})

test('a second call on a finished deployment sends nothing and answers the same', async () => {
  const first = counted()
  const deployment = await deployThrough(first, undefined, terms())
  expect(first.sent).toBe(6)
  const second = counted()
  expect(await deployThrough(second, undefined, terms())).toEqual(deployment)
  expect(second.sent).toBe(0)
})

test.each([
  { at: 1, when: 'before', sent: 0 },
  { at: 1, when: 'after', sent: 1 },
  { at: 4, when: 'before', sent: 3 },
  { at: 4, when: 'after', sent: 4 },
  { at: 6, when: 'after', sent: 6 },
] as const)('cut off $when send $at, a deployment goes on, and nothing is sent twice', async ({ at, when, sent }) => {
  const cut = counted({ at, when })
  await expect(deployThrough(cut, undefined, terms())).rejects.toThrow('the line went dead')
  const rest = counted()
  const deployment = await deployThrough(rest, undefined, terms())
  expect([cut.sent, rest.sent]).toEqual([sent, 6 - sent])
  expect(Object.keys(deployment.contracts)).toHaveLength(5)
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
  expect(node.sent).toBe(6)
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
  expect(Object.keys(contracts)).toHaveLength(5)
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
