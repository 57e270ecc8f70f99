import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { verifyClaim } from '@openledger/commitment'
import { OpenLedgerError } from '@openledger/protocol'
import { createLog } from '@openledger/protocol/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChainFacts } from '../chain/chain-facts.ts'
import { readEvents } from '../chain/read-events.ts'
import { EpochArchive } from '../epochs/epoch-archive.ts'
import { EpochClock } from '../epochs/epoch-clock.ts'
import { EpochCloser } from '../epochs/epoch-closer.ts'
import { Journal } from '../epochs/journal.ts'
import { DevChain, WINDOW_SECONDS } from '../testing/dev-chain.ts'
import { SettledEconomy } from '../testing/settled-economy.ts'
import { createApp } from './create-app.ts'

let chain: DevChain
let economy: SettledEconomy
let journal: Journal
let clock: EpochClock
let server: Server
let url: string
let indexIsDown = false
let mirrored: { number: number; hash: string } | null = null

beforeAll(async () => {
  chain = await DevChain.start()
  economy = new SettledEconomy(chain)
  await economy.prepare()
  journal = await Journal.open(':memory:')
  const { provider, deployment } = chain
  const contracts = chain.as('proposer')
  const log = createLog('test')
  const archive = new EpochArchive(contracts, economy.content, deployment)
  const lineage = {
    sync: async () => {
      if (indexIsDown) throw new OpenLedgerError('lineage.source_unreachable', 'Down.', { nextStep: 'Wait.' })
      mirrored = { number: await provider.getBlockNumber(), hash: '0x' }
      return mirrored
    },
    head: async () => mirrored,
  }
  const closer = new EpochCloser({
    provider,
    deployment,
    lineage,
    facts: { read: async (from, to) => new ChainFacts(await readEvents(provider, deployment, 0, to)).read(from, to) },
    evidenceFor: economy.evidenceFor,
    contentStore: economy.content,
    archive,
    journal,
    contracts,
    signer: chain.wallets.proposer,
  })
  clock = new EpochClock({ lineage, closer, archive, journal, log, syncMs: 20, epochMs: 0 })
  const evidence = {
    ofReceipt: async (receiptHash: `0x${string}`) => {
      if (economy.answerFeatures.has(receiptHash)) {
        return { evidence: await economy.evidenceFor({ receiptHash }), cid: 'cid' }
      }
      throw new OpenLedgerError('answer.unknown', 'Unknown.', { nextStep: 'Check it.' })
    },
  }
  server = createServer(
    createApp({ archive, clock, content: economy.content, contracts, evidence, journal, lineage, log, provider }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  await clock.stop()
  server.close()
  server.closeAllConnections()
  await journal.close()
  await chain.stop()
})

type Answer = { status: number; body: Record<string, never> & { error: OpenLedgerError.Report } }

async function get(path: string): Promise<Answer> {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

async function post(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

test('it is alive at once and ready when the index is mirrored', async () => {
  expect(await get('/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } })
  expect(await get('/readyz')).toMatchObject({ status: 503, body: { error: { code: 'engine.not_ready' } } })
  clock.start()
  await expect.poll(async () => (await get('/readyz')).status).toBe(200)
})

test('from settled answers to a claim that pays, over HTTP', async () => {
  const account = chain.wallets.ada.address.toLowerCase()
  expect((await post('/epochs')).body).toEqual({ kind: 'nothing-to-pay' })
  expect((await get(`/accounts/${account}`)).body).toMatchObject({ epoch: null, claim: null, cumulativeWei: '0' })
  const signed = await economy.answer(economy.adapterId, 10_000n, 0)
  await economy.settle([signed])
  await chain.mine(4)
  const closed = await post('/epochs')
  expect(closed).toMatchObject({ status: 200, body: { kind: 'proposed', epoch: 1 } })
  expect((await post('/epochs')).body).toMatchObject({ kind: 'waiting', epoch: 1, state: 'pending' })
  const pending = (await get(`/accounts/${account}`)).body as never as { pending: { epoch: number; amountWei: string } }
  expect(pending).toMatchObject({ epoch: null, claimableWei: '0', pending: { epoch: 1 } })
  await chain.pass(WINDOW_SECONDS)

  type Report = {
    root: string
    claimableWei: string
    claim: never
    shares: { amountWei: string; receiptHash: string }[]
  }
  const { body } = (await get(`/accounts/${chain.wallets.ada.address}`)) as never as { body: Report }
  expect(body).toMatchObject({ epoch: 1, pending: null, claimedWei: '0', claimableWei: pending.pending.amountWei })
  expect(verifyClaim(body.root, body.claim)).toBe(true)
  const why = body.shares.reduce((sum, { amountWei }) => sum + BigInt(amountWei), 0n)
  expect(why.toString()).toBe(body.claimableWei)
  expect(new Set(body.shares.map(({ receiptHash }) => receiptHash))).toEqual(new Set([signed.receiptHash]))

  const { word, index, proof } = body.claim as { word: string; index: number; proof: string[] }
  await (await chain.as('payer').distributor.claim!(word, index, proof)).wait()
  expect((await get(`/accounts/${account}`)).body).toMatchObject({ claimableWei: '0', claimedWei: body.claimableWei })
})

test('epochs are listed and explained', async () => {
  const { body } = await get('/epochs')
  expect(body).toMatchObject({ epochs: [{ number: 1, state: 'live', parent: 0 }] })
  const one = await get('/epochs/1')
  expect(one.body).toMatchObject({ number: 1, manifest: { kind: 'openledger/epoch@1', number: 1 } })
  await expect
    .poll(async () => ((await get('/epochs/1')).body as never as { bondReleased: boolean }).bondReleased)
    .toBe(true)
})

test('what was published for analysts is listed, and shown by epoch', async () => {
  expect((await get('/analytics')).body).toEqual({ publications: [] })
  const { manifestCid } = (await get('/epochs/1')).body as never as { manifestCid: string }
  const manifest = {
    kind: 'openledger/analytics@1',
    epoch: 1,
    epochManifest: manifestCid,
    toBlock: 9,
    blockHash: `0x${'1'.repeat(64)}`,
    schemaHash: `0x${'2'.repeat(64)}`,
    tables: [],
  }
  const publication = await economy.content.putJson(manifest)
  await journal.keepAnalytics({ epoch: 1, manifest: manifestCid, publication })
  await journal.keepAnalytics({ epoch: 1, manifest: manifestCid, publication })
  expect((await get('/analytics')).body).toEqual({ publications: [{ epoch: 1, manifest: manifestCid, publication }] })
  expect(await get('/analytics/1')).toEqual({ status: 200, body: { cid: publication, manifest } })
})

test('an answer’s evidence comes with its CID', async () => {
  const [receiptHash] = economy.answerFeatures.keys()
  expect(await get(`/answers/${receiptHash}/evidence`)).toMatchObject({
    status: 200,
    body: { kind: 'openledger/evidence@1', receiptHash, cid: 'cid' },
  })
})

test('status and metrics say how far it is', async () => {
  expect((await get('/status')).body).toMatchObject({ epochs: { next: 2 }, clock: { lastError: null } })
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toMatch(/^openledger_engine_next_epoch 2$/m)
  expect(metrics).toMatch(/^openledger_engine_failing 0$/m)
})

test.each([
  ['/answers/0x12/evidence', 400, 'http.bad_request'],
  [`/answers/0x${'0'.repeat(64)}/evidence`, 404, 'answer.unknown'],
  ['/epochs/0', 400, 'http.bad_request'],
  ['/epochs/9', 404, 'epoch.unknown'],
  ['/analytics/9', 404, 'epoch.unknown'],
  ['/analytics?first=0', 400, 'http.bad_request'],
  ['/epochs/1e99', 400, 'http.bad_request'],
  ['/epochs?first=101', 400, 'http.bad_request'],
  ['/accounts/ada', 400, 'http.bad_request'],
  [`/accounts/0x${'1'.repeat(40)}?first=0`, 400, 'http.bad_request'],
  ['/nothing', 404, 'http.not_found'],
])('GET %s is refused with %i and a code', async (path, status, code) => {
  const answer = await get(path)
  expect(answer).toMatchObject({ status, body: { error: { code, nextStep: expect.any(String) } } })
  expect(JSON.stringify(answer.body)).not.toContain('stack')
})

test('a web page cannot close an epoch', async () => {
  const answer = await post('/epochs', { origin: 'http://127.0.0.1:4000' })
  expect(answer).toMatchObject({ status: 403, body: { error: { code: 'http.forbidden' } } })
})

test('an epoch that cannot be closed now is refused with the reason, and closed when it can be', async () => {
  const getContent = economy.content.get
  await economy.settle([await economy.answer(economy.adapterId, 500n, 1)])
  await chain.mine(4)
  economy.content.get = () =>
    Promise.reject(new OpenLedgerError('content.unreachable', 'No.', { nextStep: 'Wait.', retryable: true }))
  expect(await post('/epochs')).toMatchObject({ status: 503, body: { error: { code: 'content.unreachable' } } })
  economy.content.get = getContent
  expect((await post('/epochs')).body).toMatchObject({ kind: 'proposed', epoch: 2 })
  expect(await get('/analytics/2')).toMatchObject({ status: 404, body: { error: { code: 'analytics.not_published' } } })
})

test('while the chain is down, that is what is said', async () => {
  const getBlockNumber = chain.provider.getBlockNumber
  chain.provider.getBlockNumber = () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))
  try {
    expect(await get('/status')).toMatchObject({ status: 503, body: { error: { code: 'chain.unreachable' } } })
  } finally {
    chain.provider.getBlockNumber = getBlockNumber
  }
})

test('what nobody expected is an error without its inner parts', async () => {
  const getBlockNumber = chain.provider.getBlockNumber
  chain.provider.getBlockNumber = () => Promise.reject(new TypeError('secret'))
  try {
    const answer = await get('/status')
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'http.internal' } } })
    expect(JSON.stringify(answer)).not.toContain('secret')
  } finally {
    chain.provider.getBlockNumber = getBlockNumber
  }
})

test('while the index is down the clock says so, and goes on when it is back', async () => {
  const failing = async () =>
    /^openledger_engine_failing (\d)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1]
  indexIsDown = true
  await expect.poll(failing).toBe('1')
  expect((await get('/status')).body).toMatchObject({ clock: { lastError: { code: 'lineage.source_unreachable' } } })
  indexIsDown = false
  await expect.poll(failing).toBe('0')
})
