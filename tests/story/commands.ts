/**
 * Each command's happy path, one after the other, on a stack that the demo was told on: from a new Datanet to a claim,
 * with the same answers asked through MCP.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { callOf, contractOf, DATANET_BY_ID, OpenLedger, send, sendCalls } from '@openledger/sdk'
import { type EventLog, JsonRpcProvider } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { roleWallet } from '../../cli/src/demo/accounts.ts'
import { askOpenLedger, type Run, runOpenLedger } from './openledger-command.ts'

const launcher = join(import.meta.dirname, '../../cli/bin/openledger.mjs')

export type CommandStage = {
  /** The settings that find the stack. */
  environment: NodeJS.ProcessEnv
  urls: { api: string; chain: string; content: string; engine: string; inference: string }
}

export function describeCommands(stage: () => CommandStage): void {
  describe('the command line', () => {
    let folder: string
    let openledger: OpenLedger
    let datanet: string
    let adapter: { id: string; name: string }
    let receipt: string

    const run = (...parameters: string[]): Promise<Run> => runOpenLedger(stage().environment, ...parameters)
    const ask = <T = Record<string, unknown>>(...parameters: string[]): Promise<T> =>
      askOpenLedger<T>(stage().environment, ...parameters)

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'openledger-commands-'))
      const { urls } = stage()
      const provider = new JsonRpcProvider(urls.chain, undefined, { staticNetwork: true, cacheTimeout: -1 })
      openledger = await OpenLedger.connect(urls.api, {
        provider,
        signer: roleWallet('founder').connect(provider),
        urls: { content: urls.content },
      })
    })
    afterAll(async () => {
      openledger?.close()
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    })

    test('datanet create says what it would cost, and then makes the Datanet that it announced', async () => {
      const words = ['datanet', 'create', 'Proverbs', '--licence', 'CC0-1.0', '--account', 'bob']
      const dry = await ask<Dry & { datanet: string }>(...words, '--dry-run')
      expect(dry).toMatchObject({ dryRun: true, calls: [{ contract: 'LineageRegistry', method: 'createDatanet' }] })
      expect(dry.calls[0]).toMatchObject({
        gas: expect.stringMatching(/^\d+$/),
        feeWei: expect.stringMatching(/^\d+$/),
      })
      const made = await ask<Sent & { datanet: string }>(...words)
      expect(made.datanet).toBe(dry.datanet)
      datanet = made.datanet
    })

    test('datanet push stores records and contributes them; datanet show and list tell of them', async () => {
      const file = join(folder, 'proverbs.jsonl')
      await writeFile(file, PROVERBS.map((text) => JSON.stringify({ text })).join('\n'))
      const pushed = await ask(
        'datanet',
        'push',
        datanet,
        file,
        ...'--licence CC0-1.0 --credit Folk --account bob'.split(' '),
      )
      expect(pushed).toMatchObject({ records: PROVERBS.length, transactions: [expect.any(String)] })
      await until(async () => {
        const shown = await openledger.query(DATANET_BY_ID, { id: datanet, first: 1 })
        return shown.datanet?.recordCount === String(PROVERBS.length)
      })
      const { stdout } = await run('datanet', 'list')
      expect(stdout).toContain(datanet)
      expect(stdout).not.toContain('\u001b[')
    })

    test('model list, show and export give the adapter of the demo as a PEFT folder', async () => {
      const { models } = await ask<{ models: { id: string; name: string; kind: string }[] }>('model', 'list')
      adapter = models.find(({ name }) => name === 'readme')!
      expect(await ask('model', 'show', 'readme')).toMatchObject({ id: adapter.id, kind: 'Adapter' })
      await ask('model', 'export', adapter.id, join(folder, 'peft'))
      expect(await readdir(join(folder, 'peft'))).toEqual(
        expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']),
      )
    })

    test('balance shows what a deposit adds and what a thaw holds back', async () => {
      await ask('balance', 'deposit', '2', '--account', 'alice')
      const before = await ask<{ availableWei: string }>('balance', 'show', 'alice')
      await ask('balance', 'thaw', '1', '--account', 'alice')
      const after = await ask<{ availableWei: string }>('balance', 'show', 'alice')
      expect(BigInt(before.availableWei) - BigInt(after.availableWei)).toBe(10n ** 18n)
      const early = await run('balance', 'withdraw', '--account', 'alice')
      expect([early.code, early.stdout]).toEqual([1, ''])
      expect(early.stderr).toContain('EscrowStillThawing')
    })

    test('ask pays for an answer and, once it is settled, says which records shaped it', async () => {
      const asked = run(
        'ask',
        'readme',
        'A small library for',
        ...'--account alice --max-open 5 --explain --json'.split(' '),
      )
      const settling = setInterval(() => void post(`${stage().urls.inference}/admin/settle`), 2_000)
      const { code, stdout, stderr } = await asked.finally(() => clearInterval(settling))
      expect([code, stderr]).toEqual([0, expect.stringContaining('OPEN, receipt 0x')])
      const answer = JSON.parse(stdout)
      expect(answer).toMatchObject({ text: expect.any(String), explanation: { model: { name: 'readme' } } })
      receipt = answer.receiptHash
    })

    test('answer, datanet and model are written in the forms that others read', async () => {
      const provenance = await run('answer', 'export', receipt)
      expect(provenance.code).toBe(0)
      expect(JSON.parse(provenance.stdout)['@graph'][0]['prov:qualifiedDerivation'].length).toBeGreaterThan(0)
      const { datanets } = await ask<{ datanets: { id: string; recordCount: string }[] }>('datanet', 'list')
      const { id, recordCount } = datanets.find((datanet) => Number(datanet.recordCount) > 100)!
      const croissant = await run('datanet', 'export', id)
      expect(JSON.parse(croissant.stdout).distribution[0].sha256).toMatch(/^[0-9a-f]{64}$/)
      const records = await run('datanet', 'export', id, '--format', 'records')
      expect(records.stdout.trim().split('\n')).toHaveLength(Number(recordCount))
      const card = await run('model', 'card', adapter.id)
      expect(card.stdout).toContain('library_name: peft')
      const refused = await run('answer', 'export', `0x${'0'.repeat(64)}`)
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('no such thing to export')])
    })

    test('an answer that would cost more than allowed is refused, and nothing is paid', async () => {
      const { code, stdout, stderr } = await run(
        'ask',
        'readme',
        'Hi',
        ...'--account alice --max-open 0.0001'.split(' '),
      )
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toContain('The node asks for more than this client may promise.')
    })

    test('rewards claim pays what the new answer earned, answer verify follows it to the root on chain', async () => {
      await until(async () => {
        await post(`${stage().urls.engine}/epochs`)
        return (await openledger.explain(receipt)).epoch?.isLive === true
      })
      const verified = await ask<{ ok: boolean; findings: unknown[] }>('answer', 'verify', receipt)
      expect(verified).toMatchObject({ ok: true })
      expect(verified.findings).toHaveLength(11)
      const { shares } = await ask<{ shares: { contributor: { account: string } }[] }>('answer', 'show', receipt)
      const { account } = shares[0]!.contributor
      const before = await ask<{ claimableWei: string }>('rewards', 'show', account)
      const claimed = await ask('rewards', 'claim', account, '--account', 'bob')
      expect(claimed).toMatchObject({ account, amountWei: before.claimableWei })
      await until(async () => (await openledger.rewards(account)).claimableWei === '0')
    })

    test('stake deposit, show and thaw move stake on a model', async () => {
      await ask('stake', 'deposit', adapter.id, '10', '--account', 'bob')
      const stake = await ask<{ stakedWei: string }>('stake', 'show', adapter.id, 'bob')
      expect(BigInt(stake.stakedWei)).toBeGreaterThan(99n * 10n ** 17n)
      await ask('stake', 'thaw', adapter.id, 'all', '--account', 'bob')
      expect(await ask('stake', 'show', adapter.id, 'bob')).toMatchObject({
        stakedWei: '0',
        thaws: [expect.anything()],
      })
      const early = await run('stake', 'withdraw', adapter.id, '--account', 'bob')
      expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('StakingStillThawing')])
    })

    test('datanet validate accepts a contribution to a curated Datanet', async () => {
      const made = await ask<{ datanet: `0x${string}` }>(
        ...['datanet', 'create', 'Curated', '--licence', 'MIT', '--curated', '--account', 'founder'],
      )
      const agentId = await becomeValidator(openledger, made.datanet)
      const file = join(folder, 'one.txt')
      await writeFile(file, 'One record.')
      await ask('datanet', 'push', made.datanet, file, ...'--licence MIT --credit Bob --account bob'.split(' '))
      const curation = contractOf(openledger.network, 'Curation', openledger.provider)
      const [bonded] = (await curation.queryFilter(
        curation.filters.ContributionBonded!(null, made.datanet),
      )) as EventLog[]
      const { contributionId } = bonded!.args
      await ask('datanet', 'validate', contributionId, 'accept', '--agent', agentId, '--account', 'founder')
      expect(Number((await curation.getFunction('contributionOf')(contributionId)).status)).toBe(2)
    })

    test('node status says who serves, and completion knows every verb', async () => {
      expect(await ask('node', 'status')).toMatchObject({ models: expect.arrayContaining([expect.any(String)]) })
      const { stdout } = await run('completion', 'bash')
      expect(stdout).toContain("'datanet') words='create push list show validate")
    })

    test('an AI agent explains, verifies, searches and asks over MCP, within the maximum that a person set', async () => {
      const client = new Client({ name: 'story', version: '1.0.0' })
      const parameters = ['mcp', '--account', 'alice', '--max-open', '1']
      const env = Object.fromEntries(
        Object.entries({ ...process.env, ...stage().environment }).filter(([, value]) => value !== undefined),
      ) as Record<string, string>
      await client.connect(
        new StdioClientTransport({ command: process.execPath, args: [launcher, ...parameters], env, stderr: 'ignore' }),
      )
      try {
        const call = async (name: string, input: Record<string, unknown>) => {
          const { content, isError } = await client.callTool({ name, arguments: input })
          const [part] = content as { text: string }[]
          return { isError: isError === true, ...JSON.parse(part!.text) }
        }
        const { tools } = await client.listTools()
        expect(tools.map(({ name }) => name).sort()).toEqual([
          'ask',
          'explain_answer',
          'get_lineage',
          'search_datanets',
          'verify_claim',
        ])
        expect(await call('explain_answer', { receipt })).toMatchObject({ receiptHash: receipt, isError: false })
        expect(await call('verify_claim', { receipt })).toMatchObject({ ok: true })
        const { datanets } = await call('search_datanets', { text: 'proverbs' })
        expect(datanets).toMatchObject([{ id: datanet }])
        expect(await call('get_lineage', { id: adapter.id })).toMatchObject({ model: { name: 'readme' } })
        const question = { model: 'readme', prompt: 'Install it', max_tokens: 4 }
        expect(await call('ask', { ...question, max_open: '0.9' })).toMatchObject({ receipt: expect.any(String) })
        expect(await call('ask', { ...question, max_open: '2' })).toMatchObject({
          isError: true,
          code: 'mcp.limit_reached',
        })
      } finally {
        await client.close()
      }
    })

    // So late, for the engine then computes features of what was trained.
    test('train looks before it trains, orders training on chain, and trains an adapter here', async () => {
      const dry = await ask('train', datanet, '--name', 'proverbs', '--account', 'trainer', '--dry-run')
      expect(dry).toMatchObject({ dryRun: true, records: PROVERBS.length })
      const ordered = await ask<Sent>('train', datanet, ...'--name proverbs --account alice --budget 5'.split(' '))
      expect(ordered.transactions).toHaveLength(2)
      const trained = await ask<{ model: string }>('train', datanet, '--name', 'proverbs', '--account', 'trainer')
      expect(trained.model).toMatch(/^0x[0-9a-f]{64}$/)
    })

    test('train --queue lets the factory train, evaluate and register, and train list and show tell of it', async () => {
      const queued = await ask<Queued>(...['train', datanet, '--name', 'queued', '--account', 'trainer', '--queue'])
      expect(queued).toMatchObject({ status: 'DONE', attempts: 1, evaluation: { contaminatedRecords: 0 } })
      expect(queued.evaluation.lossAdapter).toBeLessThan(queued.evaluation.lossBase)
      expect(await ask('train', 'show', queued.id)).toMatchObject({ modelId: queued.modelId })
      const { runs } = await ask<{ runs: { id: string }[] }>('train', 'list')
      expect(runs.map(({ id }) => id)).toContain(queued.id)
      const registry = contractOf(openledger.network, 'LineageRegistry', openledger.provider)
      expect(await registry.getFunction('baseOf')(queued.modelId)).toMatch(/^0x[0-9a-f]{64}$/)
    })

    // Last, for it moves the chain's clock.
    test('gov lock, propose, list, vote and show take a proposal to its vote', async () => {
      await ask('gov', 'lock', GOVERNING, '--account', 'founder')
      const { network, provider } = openledger
      const { to, data } = callOf(network, 'OpenGovernor', 'setVotingDelay', 7200)
      await ask('gov', 'propose', 'Wait two hours', '--action', `${to}:${data}`, '--account', 'founder')
      const { proposals } = await ask<{ proposals: { id: string; voteStart: number }[] }>('gov', 'list')
      const { id, voteStart } = proposals[0]!
      const rpc = provider as JsonRpcProvider
      await rpc.send('evm_setNextBlockTimestamp', [voteStart + 1])
      await rpc.send('evm_mine', [])
      await ask('gov', 'vote', id, 'for', '--reason', 'why not', '--account', 'founder')
      const shown = await ask<{ state: string; votes: { forWei: string } }>('gov', 'show', id)
      expect(shown).toMatchObject({ state: 'Active' })
      expect(BigInt(shown.votes.forWei)).toBe(BigInt(GOVERNING) * 10n ** 18n)
    })
  })
}

type Dry = { calls: Record<string, unknown>[] }
type Sent = { transactions: string[] }
type Queued = { id: string; modelId: string; evaluation: { lossBase: number; lossAdapter: number } }

const GOVERNING = '1000000'

const PROVERBS = [
  'A stitch in time saves nine, and a test in time saves ninety.',
  'Many hands make light work when each hand knows its part.',
  'The early bird catches the worm, but the second mouse gets the cheese.',
  'A watched pot never boils, so leave the kitchen and read a book.',
  'Do not count your chickens before they are hatched and fed.',
  'Still waters run deep, and loud brooks are shallow all year long.',
  'Where there is smoke there is fire, or somebody bakes bread.',
  'An apple a day keeps the doctor away if the aim is good.',
]

/** Gives the Datanet rules under which the founder's new agent alone decides; returns the agent's number. */
async function becomeValidator({ network, signer }: OpenLedger, datanet: string): Promise<string> {
  const registered = await send(contractOf(network, 'AgentRegistry', signer), 'register()')
  const { interface: registry } = contractOf(network, 'AgentRegistry', signer)
  const event = registered.logs.map((log) => registry.parseLog(log)).find((log) => log?.name === 'Registered')
  const { agentId } = event!.args
  const rules = {
    bondWei: 0n,
    minStakeWei: 0n,
    maxRecordsPerBatch: 100,
    maxRecordsPerPeriod: 100,
    maxRecords: 100n,
    periodSeconds: 86_400,
    validationSeconds: 3_600,
    holdSeconds: 0,
    votesNeeded: 1,
    listedOnly: true,
    silenceAccepts: false,
    termsDigest: `0x${'1'.repeat(64)}`,
  }
  await sendCalls(network, signer, [
    callOf(network, 'Curation', 'setRules', datanet, rules),
    callOf(network, 'Curation', 'listValidator', datanet, agentId, true),
  ])
  return String(agentId)
}

async function post(url: string): Promise<void> {
  await fetch(url, { method: 'POST' })
    .then((response) => response.arrayBuffer())
    .catch(() => undefined)
}

const PATIENCE_MS = 240_000

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come to pass in time')
    await new Promise((done) => setTimeout(done, 500))
  }
}
