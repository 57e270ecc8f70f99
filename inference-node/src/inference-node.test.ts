/** The whole node on a real chain with the real contracts: registered models, paid answers, receipts, settlement, audits. */
import {
  cidOfDigest,
  digestOfCid,
  jsonDigest,
  MerkleTree,
  parseManifest,
  ReceiptsManifest,
  RequestTranscript,
  ResponseTranscript,
} from '@openledger/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ModelDirectory } from './adapters/model-directory.ts'
import { Auditor } from './audit/auditor.ts'
import { LocalNode } from './testing/local-node.ts'
import { tinyAdapterFiles, tinyBaseFiles } from './testing/tiny-files.ts'

const ADAPTERS = ['solidity', 'typescript', 'readme']

let node: LocalNode
let baseId: `0x${string}`
const ids = new Map<string, `0x${string}`>()
beforeAll(async () => {
  node = await LocalNode.start({
    OPENLEDGER_PROMPT_PRICE_WEI: '1000000',
    OPENLEDGER_COMPLETION_PRICE_WEI: '3000000',
    OPENLEDGER_PRICES: '{"readme": {"promptWei": "0", "completionWei": "5000000"}}',
    OPENLEDGER_SETTLE_EVERY_MS: '0',
    OPENLEDGER_MODELS_EVERY_MS: '100',
    OPENLEDGER_BATCH_ROWS: '8',
    OPENLEDGER_LORA_RANK: '4',
  })
})
afterAll(() => node.close())

const voucher = (payer: number, model: string, cumulativeWei: bigint) =>
  node.voucher(payer, ids.get(model)!, cumulativeWei)
const errorOf = async (response: Response) => ((await response.json()) as { error: Record<string, unknown> }).error
/** The receipts of the first batch on chain, with what was anchored about them. */
async function firstBatch() {
  const { escrow } = node.chain
  const [event] = await escrow.queryFilter(escrow.filters.ReceiptsAnchored!())
  const anchored = escrow.interface.parseLog(event!)!.args
  const bytes = await node.store.get(cidOfDigest(anchored.receiptsDigest))
  return { anchored, receipts: parseManifest(ReceiptsManifest, bytes, 'receipts').receipts }
}

describe('the inference node', () => {
  it('waits for a base model, and serves it when it is registered', async () => {
    expect((await node.get('/healthz')).status).toBe(200)
    expect((await node.get('/readyz')).status).toBe(503)
    const early = await node.post('/v1/completions', { model: 'tiny', prompt: 'x' })
    expect([early.status, (await errorOf(early)).code]).toEqual([503, 'node.starting'])
    baseId = await node.publish('tiny', tinyBaseFiles(), null)
    ids.set('tiny', baseId)
    await expect.poll(async () => (await node.get('/readyz')).status, { timeout: 25_000 }).toBe(200)
  })

  it('lists the models with their parent and price, those registered a moment ago too', async () => {
    for (const [i, name] of ADAPTERS.entries()) ids.set(name, await node.publish(name, tinyAdapterFiles(i + 1), baseId))
    for (let i = 0; i < 4; i++) await node.chain.deposit(node.payer(i).address, 10n ** 12n)
    const found = await node.get('/v1/models/tiny:readme')
    expect(await found.json()).toMatchObject({
      id: 'readme',
      parent: 'tiny',
      openledger: { modelId: ids.get('readme') },
    })
    const { data } = (await (await node.get('/v1/models')).json()) as { data: { id: string; parent: string }[] }
    expect(data.map(({ id, parent }) => [id, parent])).toEqual([
      ['tiny', null],
      ...ADAPTERS.map((name) => [name, 'tiny']),
    ])
    expect((await node.get('/v1/models/nobody')).status).toBe(404)
  })

  it('answers mixed adapters and the base at once, each with a receipt that holds', async () => {
    const models = ['tiny', ...ADAPTERS]
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        node.client(i % 4).complete({ model: models[(i >> 2) % 4]!, prompt: `The ${i}`, max_tokens: 12, seed: i }),
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
      node.client(i % 4).complete({ model: ADAPTERS[i % 3]!, prompt: `noise ${i}`, max_tokens: 24 }),
    )
    const [busy] = await Promise.all([node.client(0).complete(body), ...crowd])
    const alone = await node.client(1).complete(body)
    expect(alone.response).toEqual(busy.response)
    expect((await node.client(1).complete({ ...body, seed: 78 })).text).not.toBe(alone.text)
  })

  it('streams a chat: the text comes in pieces, the receipt with the last', async () => {
    const pieces: string[] = []
    const answer = await node.client(2).chat(
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
    const response = await node.post('/v1/chat/completions', body, await voucher(3, 'typescript', 10n ** 9n))
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
    const response = await node.post('/v1/completions', { model: 'solidity', prompt: 'x', max_tokens: 10 })
    expect(response.status).toBe(402)
    expect(await response.json()).toMatchObject({
      error: { code: 'voucher.missing', type: 'payment_required' },
      requirements: {
        node: node.address,
        modelId: ids.get('solidity'),
        escrow: node.deployment.contracts.InferenceEscrow.address,
        chainId: 31337,
        cumulativeWei: String(2 * 1000 + 10 * 3000),
        balanceWei: null,
      },
    })
  })

  it('refuses a voucher a second time', async () => {
    const header = await voucher(3, 'solidity', 10n ** 9n)
    const body = { model: 'solidity', prompt: 'x', max_tokens: 2 }
    expect((await node.post('/v1/completions', body, header)).status).toBe(200)
    const again = await node.post('/v1/completions', body, header)
    expect([again.status, (await errorOf(again)).code]).toEqual([402, 'voucher.stale'])
  })

  it('refuses a payer whose deposit does not cover the request, and a client its own limit', async () => {
    const poor = node.client(9).complete({ model: 'solidity', prompt: 'x', max_tokens: 5 })
    await expect(poor).rejects.toMatchObject({
      code: 'client.node_refused',
      facts: { code: 'escrow.insufficient', balanceWei: '0' },
    })
    const careful = node.client(0, { maxPriceWei: 10n }).complete({ model: 'typescript', prompt: 'x', max_tokens: 5 })
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
    ['what is not done here', { model: 'tiny', prompt: 'x', echo: true }, 400, 'request.unsupported', 'echo'],
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
    const response = await node.post('/v1/completions', body)
    expect([response.status, await errorOf(response)]).toEqual([status, expect.objectContaining({ code, param })])
  })

  it('names what does not exist', async () => {
    expect((await node.get('/v2/anything')).status).toBe(404)
    expect((await node.get('/v1/receipts/0x00')).status).toBe(404)
  })

  it('settles when this machine asks, and not when a web page or a proxy does', async () => {
    for (const header of [{ origin: 'http://evil.example' }, { 'x-forwarded-for': '203.0.113.9' }]) {
      expect((await node.post('/admin/settle', '', header)).status).toBe(403)
    }
    const { batches, waitingReceipts } = await node.settle()
    expect(waitingReceipts).toBe(0)
    const { anchored, receipts } = await firstBatch()
    expect(receipts).toHaveLength(batches[0]!.receiptCount)
    expect(new MerkleTree(receipts.map(({ receiptHash }) => receiptHash)).root).toBe(anchored.receiptsRoot)
    const prices = receipts.map(({ receipt }) => BigInt(receipt.priceWei))
    expect(prices.reduce((a, b) => a + b)).toBe(anchored.totalWei)
  })

  describe('an auditor, from the chain and the content store alone', () => {
    let auditor: Auditor
    beforeAll(() => {
      const { address } = node.deployment.contracts.LineageRegistry
      const directory = new ModelDirectory({ address, provider: node.chain.provider, startBlock: 0 })
      auditor = new Auditor({ directory, content: node.store, domain: node.domain })
    })
    afterAll(() => auditor.close())

    /** The n-th receipt of an answer that is long enough to change, with its transcripts. */
    async function transcripts(n: number) {
      const { receipts } = await firstBatch()
      const { receipt } = receipts.filter((one) => Number(one.receipt.completionTokens) > 3)[n]!
      const read = (digest: `0x${string}`) => node.store.get(cidOfDigest(digest))
      return {
        receipt,
        request: parseManifest(RequestTranscript, await read(receipt.requestHash), 'request'),
        response: parseManifest(ResponseTranscript, await read(receipt.responseHash), 'response'),
      }
    }

    it('computes every answer again', async () => {
      for (const signed of (await firstBatch()).receipts) {
        expect(await auditor.audit(signed)).toMatchObject({ matches: true })
      }
    })

    it('finds a receipt that was changed, and transcripts of another', async () => {
      const signed = (await firstBatch()).receipts[0]!
      const forged = { ...signed, receipt: { ...signed.receipt, priceWei: '1' } }
      expect(await auditor.audit(forged)).toEqual({ matches: false, reason: 'signature' })
      const [one, other] = [await transcripts(0), await transcripts(1)]
      expect(await auditor.judge(one.receipt, one.request, other.response)).toMatchObject({ reason: 'transcripts' })
    })

    it('finds a node that signs for tokens which the model does not give', async () => {
      const { receipt, request, response } = await transcripts(0)
      const invented = { ...response, tokenIds: response.tokenIds.map((id, i) => (i === 2 ? id + 1 : id)) }
      const lying = { ...receipt, responseHash: jsonDigest(invented) }
      expect(await auditor.judge(lying, request, invented)).toMatchObject({ reason: 'token', position: 2 })
    })

    it('finds a node that counts more tokens than it had, or a longer prompt', async () => {
      const { receipt, request, response } = await transcripts(0)
      const counted = { ...receipt, promptTokens: String(Number(receipt.promptTokens) + 1) }
      expect(await auditor.judge(counted, request, response)).toMatchObject({ reason: 'counts' })
      const padded = { ...request, promptTokenIds: [...request.promptTokenIds, 7] }
      const overcharging = { ...counted, requestHash: jsonDigest(padded) }
      expect(await auditor.judge(overcharging, padded, response)).toMatchObject({ reason: 'prompt' })
    })

    it('does not judge what another engine computed', async () => {
      const { receipt, request, response } = await transcripts(0)
      const facts = JSON.parse(new TextDecoder().decode(await node.store.get(cidOfDigest(receipt.engineHash))))
      const elsewhere = digestOfCid(await node.store.putJson({ ...facts, runtime: 'onnxruntime-node 0.0.0' }))
      const verdict = await auditor.judge({ ...receipt, engineHash: elsewhere }, request, response)
      expect(verdict).toEqual({ matches: false, reason: 'engine', expected: elsewhere, found: receipt.engineHash })
    })
  })

  it('reports its work to Prometheus', async () => {
    const text = await (await node.get('/metrics')).text()
    expect(text).toMatch(/openledger_tokens_total\{model="solidity",kind="completion"\} [1-9]/)
    expect(text).toMatch(/openledger_requests_total\{status="402"\} [1-9]/)
    expect(text).toMatch(/openledger_unsettled_receipts 0/)
    expect(text).toMatch(/openledger_adapters_loaded 3/)
  })

  it('says who it is and by what it computes', async () => {
    const facts = (await (await node.get('/v1/node')).json()) as { engineHash: string; engine: object }
    expect(facts).toMatchObject({ node: node.address, chainId: 31337, base: baseId })
    expect(jsonDigest(facts.engine)).toBe(facts.engineHash)
    expect(await node.store.has(cidOfDigest(facts.engineHash as `0x${string}`))).toBe(true)
  })

  it('goes on after a restart: receipts, vouchers and settlement', async () => {
    await node.restart({ OPENLEDGER_MAX_OPEN_REQUESTS: 2 })
    await expect.poll(async () => (await node.get('/readyz')).status, { timeout: 25_000 }).toBe(200)
    const replayed = await node.post(
      '/v1/completions',
      { model: 'solidity', prompt: 'x', max_tokens: 2 },
      await voucher(3, 'solidity', 10n ** 9n),
    )
    expect((await errorOf(replayed)).code).toBe('voucher.stale')
    await node.client(0).complete({ model: 'typescript', prompt: 'again', max_tokens: 4 })
    expect((await node.settle()).batches).toMatchObject([{ receiptCount: 1 }])
  })

  it('tells those beyond its limit to come back later', async () => {
    const vouchers = await Promise.all([0, 1, 2, 3].map((payer) => voucher(payer, 'solidity', 10n ** 10n)))
    // Greedy, so that it is known to be a long answer.
    const body = { model: 'solidity', prompt: 'x', max_tokens: 120, temperature: 0 }
    const replies = await Promise.all(vouchers.map((header) => node.post('/v1/completions', body, header)))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429])
    expect(replies.find(({ status }) => status === 429)!.headers.get('retry-after')).toBe('1')
  })

  it('forgets models that a reorganisation took off the chain', async () => {
    const { address } = node.deployment.contracts.LineageRegistry
    const directory = new ModelDirectory({ address, provider: node.chain.provider, startBlock: 0 })
    const snapshot = await node.chain.provider.send('evm_snapshot', [])
    const id = await node.publish('fleeting', tinyAdapterFiles(9), baseId)
    await directory.refresh()
    expect(directory.find('fleeting', baseId)?.id).toBe(id)
    await node.chain.provider.send('evm_revert', [snapshot])
    await directory.refresh()
    expect(directory.find('fleeting', baseId)).toBeUndefined()
    expect(directory.find('readme', baseId)?.id).toBe(ids.get('readme'))
  })
})
