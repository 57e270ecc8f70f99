/** The whole node on a real chain with the real contracts: registered models, paid answers, receipts, settlement, audits. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore, startContentServer } from '@openledger/content-store'
import {
  cidOfDigest,
  type Deployment,
  digestOfCid,
  inferenceDomain,
  jsonDigest,
  MerkleTree,
  parseManifest,
  ReceiptsManifest,
  RequestTranscript,
  ResponseTranscript,
  signVoucher,
} from '@openledger/protocol'
import type { RunningService } from '@openledger/protocol/service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ModelDirectory } from './adapters/model-directory.ts'
import { Auditor } from './audit/auditor.ts'
import { PayingClient } from './client.ts'
import type { ModelFiles } from './engine/messages.ts'
import { startInferenceNode } from './inference-node.ts'
import { encodeVoucher } from './payment/voucher-header.ts'
import { NodeSettings } from './settings.ts'
import { registerModel } from './testing/lineage.ts'
import { type LocalChain, startLocalChain } from './testing/local-chain.ts'
import { tinyAdapterFiles, tinyBaseFiles } from './testing/tiny-files.ts'

const ADAPTERS = ['solidity', 'typescript', 'readme']
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const state = mkdtempSync(join(tmpdir(), 'openledger-node-'))
const store = new DiskContentStore(join(state, 'store'))

let chain: LocalChain
let content: RunningService
let node: RunningService
let deployment: Deployment
let settings: NodeSettings
let baseId: `0x${string}`
const ids = new Map<string, `0x${string}`>()

async function publish(name: string, files: ModelFiles, base: `0x${string}` | null): Promise<`0x${string}`> {
  const cids: Record<string, string> = {}
  for (const [file, bytes] of Object.entries(files)) cids[file] = await store.put(bytes)
  const modelKind = base === null ? 'base' : 'adapter'
  const manifest = {
    kind: 'openledger/model@1',
    modelKind,
    name,
    base,
    licence: 'Apache-2.0',
    files: cids,
    training: null,
  }
  const artefactDigest = digestOfCid(await store.putJson(manifest))
  return registerModel(chain.registry, { name, artefactDigest, ...(base !== null && { base }) })
}

beforeAll(async () => {
  chain = await startLocalChain()
  content = await startContentServer(store, { port: 0 })
  const at = async (contract: LocalChain['token']) => ({
    address: (await contract.getAddress()).toLowerCase(),
    block: 0,
  })
  deployment = {
    chainId: 31337,
    network: 'test',
    startBlock: 0,
    contracts: {
      InferenceEscrow: await at(chain.escrow),
      LineageRegistry: await at(chain.registry),
    } as unknown as Deployment['contracts'],
  }
  settings = NodeSettings.parse({
    OPENLEDGER_STATE: join(state, 'state'),
    OPENLEDGER_DEPLOYMENT: 'unused: the deployment is given',
    OPENLEDGER_RPC_URL: chain.url,
    OPENLEDGER_CONTENT_URL: content.url,
    OPENLEDGER_PORT: '0',
    OPENLEDGER_KEY: chain.account(1).privateKey,
    OPENLEDGER_PROMPT_PRICE_WEI: '1000000',
    OPENLEDGER_COMPLETION_PRICE_WEI: '3000000',
    OPENLEDGER_PRICES: '{"readme": {"promptWei": "0", "completionWei": "5000000"}}',
    OPENLEDGER_SETTLE_EVERY_MS: '0',
    OPENLEDGER_MODELS_EVERY_MS: '100',
    OPENLEDGER_BATCH_ROWS: '8',
    OPENLEDGER_LORA_RANK: '4',
  })
  node = await startInferenceNode(settings, deployment, quiet)
})
afterAll(async () => {
  await node.close()
  await content.close()
  await chain.close()
  rmSync(state, { recursive: true })
})

const domain = () => inferenceDomain(31337, deployment.contracts.InferenceEscrow.address)
const payerOf = (index: number) => chain.account(10 + index)
const clientOf = (index: number, options: Partial<PayingClient.Options> = {}) =>
  new PayingClient({ signer: payerOf(index), domain: domain(), nodeUrl: node.url, ...options })
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${node.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const errorOf = async (response: Response) => ((await response.json()) as { error: Record<string, unknown> }).error

/** A voucher of the payer for a model, signed by hand. */
async function voucher(index: number, model: string, cumulativeWei: bigint): Promise<string> {
  const now = (await chain.provider.getBlock('latest'))!.timestamp
  const signed = await signVoucher(payerOf(index), domain(), {
    payer: payerOf(index).address.toLowerCase() as `0x${string}`,
    node: chain.account(1).address.toLowerCase() as `0x${string}`,
    modelId: ids.get(model)!,
    cumulativeWei: String(cumulativeWei),
    expiresAt: String(Math.max(now, Math.floor(Date.now() / 1000)) + 7200),
  })
  return encodeVoucher(signed)
}

describe('the inference node', () => {
  it('waits for a base model, and serves it when it is registered', async () => {
    expect((await fetch(`${node.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${node.url}/readyz`)).status).toBe(503)
    const early = await post('/v1/completions', { model: 'tiny', prompt: 'x' })
    expect([early.status, (await errorOf(early)).code]).toEqual([503, 'node.starting'])
    baseId = await publish('tiny', tinyBaseFiles(), null)
    ids.set('tiny', baseId)
    await expect.poll(async () => (await fetch(`${node.url}/readyz`)).status, { timeout: 25_000 }).toBe(200)
  })

  it('lists the models with their parent and price, those registered a moment ago too', async () => {
    for (const [i, name] of ADAPTERS.entries()) ids.set(name, await publish(name, tinyAdapterFiles(i + 1), baseId))
    for (let i = 0; i < 4; i++) await chain.deposit(payerOf(i).address, 10n ** 12n)
    const found = await fetch(`${node.url}/v1/models/tiny:readme`)
    expect(await found.json()).toMatchObject({
      id: 'readme',
      parent: 'tiny',
      openledger: { modelId: ids.get('readme') },
    })
    const { data } = (await (await fetch(`${node.url}/v1/models`)).json()) as { data: { id: string; parent: string }[] }
    expect(data.map(({ id, parent }) => [id, parent])).toEqual([
      ['tiny', null],
      ...ADAPTERS.map((name) => [name, 'tiny']),
    ])
    expect((await fetch(`${node.url}/v1/models/nobody`)).status).toBe(404)
  })

  it('answers mixed adapters and the base at once, each with a receipt that holds', async () => {
    const models = ['tiny', ...ADAPTERS]
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        clientOf(i % 4).complete({ model: models[(i >> 2) % 4]!, prompt: `The ${i}`, max_tokens: 12, seed: i }),
      ),
    )
    for (const { attribution, signed, usage } of answers) {
      const price = signed.receipt.modelId === ids.get('readme') ? [0, 5000] : [1000, 3000]
      expect(attribution.priceWei).toBe(String(usage.prompt_tokens * price[0]! + usage.completion_tokens * price[1]!))
      expect(attribution.evidence).toBe(`http://127.0.0.1:4200/answers/${signed.receiptHash}/evidence`)
    }
    const sequences = answers.map(({ signed }) => Number(signed.receipt.sequence)).sort((a, b) => a - b)
    expect(sequences).toEqual(sequences.map((_, i) => i))
  })

  it('gives the same answer again for the same seed, alone as in the crowd', async () => {
    const body = { model: 'solidity', prompt: 'contract', max_tokens: 20, temperature: 1, seed: 77 }
    const crowd = Array.from({ length: 6 }, (_, i) =>
      clientOf(i % 4).complete({ model: ADAPTERS[i % 3]!, prompt: `noise ${i}`, max_tokens: 24 }),
    )
    const [busy] = await Promise.all([clientOf(0).complete(body), ...crowd])
    const alone = await clientOf(1).complete(body)
    expect(alone.response).toEqual(busy.response)
    expect((await clientOf(1).complete({ ...body, seed: 78 })).text).not.toBe(alone.text)
  })

  it('streams a chat: the text comes in pieces, the receipt with the last', async () => {
    const pieces: string[] = []
    const answer = await clientOf(2).chat(
      {
        model: 'readme',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Why?' },
        ],
        max_tokens: 16,
        seed: 1,
      },
      (text) => pieces.push(text),
    )
    expect(pieces.join('')).toBe(answer.text)
    expect(pieces.length).toBeGreaterThan(1)
    expect(answer.request.prompt).toBe('Be brief.\n\nWhy?')
  })

  it('answers whole as the OpenAI API does, with the receipt in a header', async () => {
    const body = {
      model: 'typescript',
      messages: [{ role: 'user', content: 'const' }],
      max_completion_tokens: 8,
      seed: 3,
      n: 1,
    }
    const response = await post('/v1/chat/completions', body, {
      'OpenLedger-Voucher': await voucher(3, 'typescript', 10n ** 9n),
    })
    const reply = (await response.json()) as Record<string, unknown>
    expect(response.status).toBe(200)
    expect(reply).toMatchObject({
      object: 'chat.completion',
      model: 'typescript',
      choices: [{ index: 0, message: { role: 'assistant' }, finish_reason: expect.stringMatching(/^(stop|length)$/) }],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
      attribution: { receipt: response.headers.get('X-Attribution-Receipt') },
    })
  })

  it('serves nothing without payment, and says what a voucher must be', async () => {
    const response = await post('/v1/completions', { model: 'solidity', prompt: 'x', max_tokens: 10 })
    expect(response.status).toBe(402)
    expect(await response.json()).toMatchObject({
      error: { code: 'voucher.missing', type: 'payment_required' },
      requirements: {
        node: chain.account(1).address.toLowerCase(),
        modelId: ids.get('solidity'),
        escrow: deployment.contracts.InferenceEscrow.address,
        chainId: 31337,
        cumulativeWei: String(2 * 1000 + 10 * 3000),
        balanceWei: null,
      },
    })
  })

  it('refuses a voucher a second time', async () => {
    const header = { 'OpenLedger-Voucher': await voucher(3, 'solidity', 10n ** 9n) }
    const body = { model: 'solidity', prompt: 'x', max_tokens: 2 }
    expect((await post('/v1/completions', body, header)).status).toBe(200)
    const again = await post('/v1/completions', body, header)
    expect([again.status, (await errorOf(again)).code]).toEqual([402, 'voucher.stale'])
  })

  it('refuses a payer whose deposit does not cover the request, and a client its own limit', async () => {
    const poor = clientOf(9).complete({ model: 'solidity', prompt: 'x', max_tokens: 5 })
    await expect(poor).rejects.toMatchObject({
      code: 'client.node_refused',
      facts: { code: 'escrow.insufficient', balanceWei: '0' },
    })
    const careful = clientOf(0, { maxPriceWei: 10n }).complete({ model: 'typescript', prompt: 'x', max_tokens: 5 })
    await expect(careful).rejects.toMatchObject({ code: 'client.too_dear' })
  })

  it.each([
    ['not JSON', '{', 400, 'request.invalid', null],
    ['no prompt', { model: 'tiny' }, 400, 'request.invalid', 'prompt'],
    [
      'a temperature that is none',
      { model: 'tiny', prompt: 'x', temperature: 9 },
      400,
      'request.invalid',
      'temperature',
    ],
    ['broken Unicode', { model: 'tiny', prompt: '\ud800' }, 400, 'request.invalid', 'prompt'],
    ['what is not done here', { model: 'tiny', prompt: 'x', n: 2 }, 400, 'request.unsupported', 'n'],
    ['an unknown model', { model: '../../etc/passwd', prompt: 'x' }, 404, 'model.unknown', 'model'],
    ['a prompt beyond the context', { model: 'tiny', prompt: 'x '.repeat(400) }, 400, 'request.too_long', 'prompt'],
    [
      'an answer beyond the context',
      { model: 'tiny', prompt: 'x', max_tokens: 5000 },
      400,
      'request.too_long',
      'max_tokens',
    ],
    ['a huge body', { model: 'tiny', prompt: 'x'.repeat(300_000) }, 413, 'request.too_large', null],
  ])('refuses %s', async (_, body, status, code, param) => {
    const response = await post('/v1/completions', body)
    expect([response.status, await errorOf(response)]).toEqual([status, expect.objectContaining({ code, param })])
  })

  it('names what does not exist', async () => {
    expect((await fetch(`${node.url}/v2/anything`)).status).toBe(404)
    expect((await fetch(`${node.url}/v1/receipts/0x00`)).status).toBe(404)
  })

  it('settles when this machine asks, and not when a web page or a proxy does', async () => {
    for (const header of [{ origin: 'http://evil.example' }, { 'x-forwarded-for': '203.0.113.9' }]) {
      expect((await post('/admin/settle', '', header)).status).toBe(403)
    }
    const outcome = (await (await post('/admin/settle', '')).json()) as {
      batches: { receiptCount: number; totalWei: string }[]
    }
    expect(outcome).toMatchObject({ waitingReceipts: 0 })
    const [event] = await chain.escrow.queryFilter(chain.escrow.filters.ReceiptsAnchored!())
    const { receiptsDigest, receiptsRoot, totalWei } = chain.escrow.interface.parseLog(event!)!.args
    const manifest = parseManifest(ReceiptsManifest, await store.get(cidOfDigest(receiptsDigest)), 'receipts')
    expect(manifest.receipts).toHaveLength(outcome.batches[0]!.receiptCount)
    expect(new MerkleTree(manifest.receipts.map(({ receiptHash }) => receiptHash)).root).toBe(receiptsRoot)
    const prices = manifest.receipts.map(({ receipt }) => BigInt(receipt.priceWei))
    expect(prices.reduce((a, b) => a + b)).toBe(totalWei)
  })

  it('gave only answers that anybody computes again from the chain and the content store', async () => {
    const directory = new ModelDirectory({
      address: deployment.contracts.LineageRegistry.address,
      provider: chain.provider,
      startBlock: 0,
    })
    const auditor = new Auditor({ directory, content: store, domain: domain() })
    const [event] = await chain.escrow.queryFilter(chain.escrow.filters.ReceiptsAnchored!())
    const { receiptsDigest } = chain.escrow.interface.parseLog(event!)!.args
    const { receipts } = parseManifest(ReceiptsManifest, await store.get(cidOfDigest(receiptsDigest)), 'receipts')
    for (const signed of receipts) expect(await auditor.audit(signed)).toMatchObject({ matches: true })
    const forged = { ...receipts[0]!, receipt: { ...receipts[0]!.receipt, priceWei: '1' } }
    expect(await auditor.audit(forged)).toEqual({ matches: false, reason: 'signature' })
    const [one, other] = await Promise.all(
      receipts
        .filter(({ receipt }) => Number(receipt.completionTokens) > 3)
        .slice(0, 2)
        .map(async ({ receipt }) => ({
          receipt,
          request: parseManifest(RequestTranscript, await store.get(cidOfDigest(receipt.requestHash)), 'request'),
          response: parseManifest(ResponseTranscript, await store.get(cidOfDigest(receipt.responseHash)), 'response'),
        })),
    )
    expect(await auditor.judge(one!.receipt, one!.request, other!.response)).toMatchObject({ reason: 'transcripts' })
    // A node that signs for tokens that the model does not give, or for an engine that it does not run.
    const tokenIds = one!.response.tokenIds.map((id, i) => (i === 2 ? id + 1 : id))
    const invented = { ...one!.response, tokenIds }
    const lying = { ...one!.receipt, responseHash: jsonDigest(invented) }
    expect(await auditor.judge(lying, one!.request, invented)).toMatchObject({ reason: 'token', position: 2 })
    const padded = { ...one!.request, promptTokenIds: [...one!.request.promptTokenIds, 7] }
    const overcharging = {
      ...one!.receipt,
      requestHash: jsonDigest(padded),
      promptTokens: String(padded.promptTokenIds.length),
    }
    expect(await auditor.judge(overcharging, padded, one!.response)).toMatchObject({ reason: 'prompt' })
    await auditor.close()
  })

  it('reports its work to Prometheus', async () => {
    const text = await (await fetch(`${node.url}/metrics`)).text()
    expect(text).toMatch(/openledger_tokens_total\{model="solidity",kind="completion"\} [1-9]/)
    expect(text).toMatch(/openledger_requests_total\{status="402"\} [1-9]/)
    expect(text).toMatch(/openledger_unsettled_receipts 0/)
    expect(text).toMatch(/openledger_adapters_loaded 3/)
  })

  it('says who it is and by what it computes', async () => {
    const facts = (await (await fetch(`${node.url}/v1/node`)).json()) as { engineHash: string; engine: object }
    expect(facts).toMatchObject({ node: chain.account(1).address.toLowerCase(), chainId: 31337, base: baseId })
    expect(jsonDigest(facts.engine)).toBe(facts.engineHash)
    expect(await store.has(cidOfDigest(facts.engineHash as `0x${string}`))).toBe(true)
  })

  it('goes on after a restart: receipts, vouchers and settlement', async () => {
    await node.close()
    node = await startInferenceNode({ ...settings, OPENLEDGER_MAX_OPEN_REQUESTS: 2 }, deployment, quiet)
    await expect.poll(async () => (await fetch(`${node.url}/readyz`)).status, { timeout: 25_000 }).toBe(200)
    const replayed = await post(
      '/v1/completions',
      { model: 'solidity', prompt: 'x', max_tokens: 2 },
      { 'OpenLedger-Voucher': await voucher(3, 'solidity', 10n ** 9n) },
    )
    expect((await errorOf(replayed)).code).toBe('voucher.stale')
    await clientOf(0).complete({ model: 'typescript', prompt: 'again', max_tokens: 4 })
    const outcome = (await (await post('/admin/settle', '')).json()) as { batches: object[] }
    expect(outcome.batches).toMatchObject([{ receiptCount: 1 }])
  })

  it('tells those beyond its limit to come back later', async () => {
    const vouchers = await Promise.all([0, 1, 2, 3].map((payer) => voucher(payer, 'solidity', 10n ** 10n)))
    // Greedy, so that it is known to be a long answer.
    const body = { model: 'solidity', prompt: 'x', max_tokens: 120, temperature: 0 }
    const replies = await Promise.all(
      vouchers.map((header) => post('/v1/completions', body, { 'OpenLedger-Voucher': header })),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429])
    expect(replies.find(({ status }) => status === 429)!.headers.get('retry-after')).toBe('1')
  })

  it('forgets models that a reorganisation took off the chain', async () => {
    const { address } = deployment.contracts.LineageRegistry
    const directory = new ModelDirectory({ address, provider: chain.provider, startBlock: 0 })
    const snapshot = await chain.provider.send('evm_snapshot', [])
    const id = await publish('fleeting', tinyAdapterFiles(9), baseId)
    await directory.refresh()
    expect(directory.find('fleeting', baseId)?.id).toBe(id)
    await chain.provider.send('evm_revert', [snapshot])
    await directory.refresh()
    expect(directory.find('fleeting', baseId)).toBeUndefined()
    expect(directory.find('readme', baseId)?.id).toBe(ids.get('readme'))
  })
})
