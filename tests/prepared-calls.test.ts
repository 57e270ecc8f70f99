import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiUnderTest, startApiUnderTest, word } from '@openledger/api/testing'
import { RewardTree } from '@openledger/commitment'
import { type ContractName, canonicalJson, cidOf, type Deployment, digestOfCid, MerkleTree } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { AutominedProvider } from '@openledger/protocol/testing'
import {
  Contract,
  HDNodeWallet,
  type InterfaceAbi,
  Mnemonic,
  NonceManager,
  type Signer,
  Wallet,
  ZeroHash,
} from 'ethers'
import hre from 'hardhat'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deployThrough } from '../contracts/ignition/deploy.ts'
import { rpcProvider } from '../contracts/ignition/rpc-provider.ts'

// What development chains fund; worth nothing anywhere else.
const PHRASE = Mnemonic.fromPhrase('test test test test test test test test test test test junk')
const at = (i: number) => HDNodeWallet.fromMnemonic(PHRASE, `m/44'/60'/0'/0/${i}`)
const role = (i: number) => at(i).address.toLowerCase()
const [HOLDER, CONTRIBUTOR, OTHER, PROPOSER] = [0, 5, 6, 7]
const OPEN = 10n ** 18n

let api: ApiUnderTest
let deployment: Deployment
let provider: AutominedProvider
let folder: string
const closing: (() => Promise<unknown>)[] = []
const signers = new Map<number, Signer>()

beforeAll(async () => {
  const server = await hre.network.createServer({ override: { chainId: 31_337 } })
  const { address, port } = await server.listen()
  closing.push(() => server.close())
  const rpcUrl = `http://${address}:${port}`
  folder = await mkdtemp(join(tmpdir(), 'openledger-prepared-'))
  deployment = await deployThrough(rpcProvider(rpcUrl), undefined, {
    network: 'test',
    deploymentDir: join(folder, 'journal'),
    confirmations: 1,
    pollingMs: 20,
    parameters: {
      ...{ guardian: role(1), council: role(2), treasury: role(3), attester: role(4), proposer: role(PROPOSER) },
      ...{ keeper: role(8), holder: role(HOLDER), investors: role(9), team: role(10) },
      ...{ bondWei: OPEN, challengeWindowSeconds: 1, thawSeconds: 1 },
    },
  })
  provider = new AutominedProvider(rpcUrl, undefined, { staticNetwork: true, cacheTimeout: -1 })
  api = await startApiUnderTest({}, { deployment, rpcUrl })
  closing.push(() => api.close())
  await act(HOLDER, 'OpenToken', 'transfer', role(CONTRIBUTOR), 1_000n * OPEN)
})

afterAll(async () => {
  provider?.destroy()
  for (const close of closing.reverse()) await close()
  await rm(folder, { recursive: true, force: true })
})

function signer(i: number): Signer {
  let known = signers.get(i)
  if (known === undefined) {
    known = new NonceManager(at(i).connect(provider))
    signers.set(i, known)
  }
  return known
}

const contract = (name: ContractName, i = HOLDER) =>
  new Contract(deployment.contracts[name].address, abis[`${name}Abi` as keyof typeof abis] as InterfaceAbi, signer(i))

async function act(i: number, name: ContractName, method: string, ...parameters: unknown[]) {
  const sent = await contract(name, i)
    .getFunction(method)
    .send(...parameters)
  return (await sent.wait())!
}

type Call = { to: string; data: string; value: string; chainId: number; description: string; before: Call | null }
const CALL = '{ to data value chainId description before { to data value chainId description } }'

/** Prepares by the api, signs and sends here: what comes before first. */
async function send(i: number, call: Call): Promise<void> {
  if (call.before != null) await send(i, call.before)
  expect(call.chainId).toBe(31_337)
  expect(call.description).toMatch(/^[A-Z].{10,}/)
  const sent = await signer(i).sendTransaction({ to: call.to, data: call.data, value: call.value })
  expect((await sent.wait())?.status).toBe(1)
}

async function prepare<T = Call>(field: string, variables: Record<string, unknown> = {}, header = ''): Promise<T> {
  const { body } = await api.ask(`mutation${header} { prepared: ${field} }`, variables)
  expect(body.errors).toBeUndefined()
  return body.data.prepared
}

async function datanet(name: string): Promise<string> {
  const terms = {
    name,
    modality: 0,
    licenceFlags: 3,
    royaltyPpm: 0,
    licence: 'MIT',
    metadataDigest: ZeroHash,
    curated: false,
  }
  return (await act(HOLDER, 'LineageRegistry', 'createDatanet', terms)).logs[0]!.topics[1]!
}

const PREPARE = '($m: ContributionManifestInput!)'
const CONTRIBUTION = `prepareContribution(manifest: $m) { manifestCid manifestDigest recordRoot recordCount sizeBytes attestation call ${CALL} }`

function manifestOf(datanetId: string) {
  const cids = ['one', 'two', 'three'].map((text) => cidOf(new TextEncoder().encode(text)))
  return {
    datanetId,
    contributor: role(CONTRIBUTOR),
    licence: 'MIT',
    attribution: { name: 'Ada' },
    records: cids.map((cid) => ({ cid, sizeBytes: 3, mediaType: 'text/plain', title: 'words' })),
  }
}

test('a contribution: its manifest is kept, and its contributor’s transaction is the one that the registry takes', async () => {
  const manifest = manifestOf(await datanet('sent by its contributor'))
  // biome-ignore lint/suspicious/noExplicitAny: what the api answered.
  const prepared = await prepare<any>(CONTRIBUTION, { m: manifest }, PREPARE)
  const kept = { kind: 'openledger/contribution@1', ...manifest }
  expect(prepared.manifestCid).toBe(cidOf(canonicalJson(kept)))
  expect(JSON.parse(new TextDecoder().decode(await api.contentStore.get(prepared.manifestCid)))).toEqual(kept)
  expect(prepared.recordRoot).toBe(new MerkleTree(manifest.records.map(({ cid }) => digestOfCid(cid))).root)
  expect([prepared.recordCount, prepared.sizeBytes]).toEqual([3, '9'])
  await send(CONTRIBUTOR, prepared.call)
})

test('a contribution that its contributor signs is sent by somebody else', async () => {
  const registry = contract('LineageRegistry')
  // biome-ignore lint/suspicious/noExplicitAny: what the api answered.
  const prepared = await prepare<any>(CONTRIBUTION, { m: manifestOf(await datanet('sent by another')) }, PREPARE)
  const { domain, types, message } = prepared.attestation
  expect(message.statement).toBe(await registry.getFunction('RIGHTS_STATEMENT')())
  const signature = await at(CONTRIBUTOR).signTypedData(domain, types, message)
  const call = await prepare(
    `prepareSponsoredContribution(manifestCid: $cid, deadline: $deadline, signature: $signature) ${CALL}`,
    { cid: prepared.manifestCid, deadline: String(message.deadline), signature },
    '($cid: String!, $deadline: BigInt!, $signature: Bytes!)',
  )
  await send(OTHER, call)
})

test('stake is put behind a model, thaws and comes back', async () => {
  const model = await registerModel()
  const balance = async () => (await contract('OpenToken').getFunction('balanceOf')(role(CONTRIBUTOR))) as bigint
  const before = await balance()
  await send(
    CONTRIBUTOR,
    await prepare(`prepareStake(pool: "${model}", staker: "${role(CONTRIBUTOR)}", amountWei: "${5n * OPEN}") ${CALL}`),
  )
  expect(before - (await balance())).toBe(5n * OPEN)
  const [shares] = (await contract('AgentStaking').getFunction('stakeOf')(model, role(CONTRIBUTOR))) as unknown as [
    bigint,
  ]
  await send(CONTRIBUTOR, await prepare(`prepareThaw(pool: "${model}", shares: "${shares}") ${CALL}`))
  await provider.send('evm_increaseTime', [60 * 24 * 3_600])
  await provider.send('evm_mine', [])
  await send(CONTRIBUTOR, await prepare(`prepareStakeWithdrawal(pool: "${model}", to: "${role(CONTRIBUTOR)}") ${CALL}`))
  expect(await balance()).toBe(before)
})

test('OPEN becomes votes, which are delegated and cast', async () => {
  const governance = contract('GovernanceOpen')
  await send(
    HOLDER,
    await prepare(`prepareLock(account: "${role(HOLDER)}", amountWei: "${(10_000_000n * OPEN).toString()}") ${CALL}`),
  )
  await send(HOLDER, await prepare(`prepareDelegate(to: "${role(HOLDER)}") ${CALL}`))
  expect(await governance.getFunction('getVotes')(role(HOLDER))).toBe(10_000_000n * OPEN)
  const target = deployment.contracts.OpenToken.address
  const proposed = await act(HOLDER, 'OpenGovernor', 'propose', [target], [0], ['0x'], 'Nothing at all')
  const number = contract('OpenGovernor').interface.parseLog(proposed.logs[0]!)!.args[0] as bigint
  await provider.send('evm_increaseTime', [40 * 24 * 3_600])
  await provider.send('evm_mine', [])
  const snapshot = (await contract('OpenGovernor').getFunction('proposalSnapshot')(number)) as bigint
  expect(snapshot).toBeGreaterThan(0n)
  const call = await prepare(`prepareVote(proposal: "${number}", support: For, reason: "because") ${CALL}`)
  const decoded = contract('OpenGovernor').interface.parseTransaction(call)
  expect(decoded?.name).toBe('castVoteWithReason')
  expect([...decoded!.args]).toEqual([number, 1n, 'because'])
})

test('training is ordered: the budget is held by the contract', async () => {
  const base = await registerModel('a base to adapt')
  const source = await datanet('to be trained on')
  const block = await provider.getBlockNumber()
  const { timestamp } = (await provider.getBlock('latest'))!
  const call = await prepare(
    `prepareTrainingJob(terms: $t) ${CALL}`,
    {
      t: {
        ...{ baseModel: base, sources: [{ datanet: source, asOfBlock: String(block) }] },
        ...{ recipeCid: cidOf(new TextEncoder().encode('recipe')), budgetWei: String(2n * OPEN) },
        ...{ deadline: String(timestamp + 30 * 24 * 3_600), reviewSeconds: 3 * 24 * 3_600 },
      },
    },
    '($t: TrainingJobTerms!)',
  )
  await send(CONTRIBUTOR, call)
  const held = await contract('OpenToken').getFunction('balanceOf')(deployment.contracts.TrainingJobs.address)
  expect(held).toBe(2n * OPEN)
})

test('a reward is claimed with the proof that leads to the live root', async () => {
  const granted = 3n * OPEN
  const tree = new RewardTree(
    new Map([
      [role(OTHER), granted],
      [role(CONTRIBUTOR), OPEN],
    ]),
    1,
  )
  const { address } = deployment.contracts.RewardDistributor
  await act(HOLDER, 'OpenToken', 'approve', address, 4n * OPEN)
  await act(HOLDER, 'RewardDistributor', 'fund', 4n * OPEN, ZeroHash)
  await scheduleAsCourt(tree.root)
  const manifest = {
    ...{ kind: 'openledger/epoch@1', number: 1, fromBlock: 1, toBlock: 2, blockHash: word(2), parent: null },
    ...{ engineHash: word(1), batches: [], answers: [], reserveAccount: role(9), reserveWei: '0' },
    ...{ words: tree.words, totalWei: String(4n * OPEN), root: tree.root },
  }
  const dataCid = await api.contentStore.putJson(manifest)
  const row = {
    id: word(1),
    epoch: 1,
    root: tree.root,
    dataCid,
    totalWei: manifest.totalWei,
    toBlock: '2',
    blockHash: word(2),
  }
  api.index.put('RewardRoot', [
    {
      ...row,
      status: 'Proposed',
      opensAt: '1',
      isFrozen: false,
      proposer: role(PROPOSER),
      transactionHash: word(3),
      engineHash: word(1),
      timestamp: '1',
      isBondReleased: false,
    },
  ])
  // The index says something else now at the same block, which no index does: so its block moves on.
  api.index.block = { number: 8, hash: word(8), timestamp: api.index.block.timestamp }
  const before = (await contract('OpenToken').getFunction('balanceOf')(role(OTHER))) as bigint
  await expect.poll(async () => (await api.ask('{ _meta { block } }')).body.data?._meta.block).toBe(8)
  await send(HOLDER, await prepare(`prepareClaim(account: "${role(OTHER)}") ${CALL}`))
  expect(((await contract('OpenToken').getFunction('balanceOf')(role(OTHER))) as bigint) - before).toBe(granted)
})

test('who was granted nothing is told so', async () => {
  const { body } = await api.ask(`mutation { prepareClaim(account: "${role(11)}") { data } }`)
  expect(body.errors?.[0].extensions).toMatchObject({ code: 'claim.nothing_granted', retryable: false })
})

test('rewards go where their owner says', async () => {
  const recipient = Wallet.createRandom().address.toLowerCase()
  await send(CONTRIBUTOR, await prepare(`prepareRecipient(recipient: "${recipient}") ${CALL}`))
  const chosen = (await contract('RewardDistributor').getFunction('recipientOf')(role(CONTRIBUTOR))) as string
  expect(chosen.toLowerCase()).toBe(recipient)
})

/** A root that pays, without the court's own story: that is told elsewhere. */
async function scheduleAsCourt(root: string): Promise<void> {
  const court = deployment.contracts.RootCourt.address
  await provider.send('hardhat_setBalance', [court, '0xde0b6b3a7640000'])
  await provider.send('hardhat_impersonateAccount', [court])
  const data = contract('RewardDistributor').interface.encodeFunctionData('schedule', [root])
  await provider.send('eth_sendTransaction', [
    { from: court, to: deployment.contracts.RewardDistributor.address, data },
  ])
  await provider.send('evm_increaseTime', [10])
  await provider.send('evm_mine', [])
}

async function registerModel(name = 'a base'): Promise<string> {
  const terms = {
    kind: 1,
    name,
    licenceFlags: 3,
    royaltyPpm: 0,
    licence: 'MIT',
    artefactDigest: word(1),
    trainingRoot: ZeroHash,
    parents: [],
  }
  return (await act(HOLDER, 'LineageRegistry', 'registerModel', terms)).logs[0]!.topics[1]!
}
