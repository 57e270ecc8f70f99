/** The official `openai` client, changed by nothing but its base URL and a `fetch` that pays, against a whole node. */

import type { Attribution } from '@openledger/protocol'
import { cidOfDigest, jsonDigest, parseManifest, ReceiptsManifest } from '@openledger/protocol'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ModelDirectory } from './adapters/model-directory.ts'
import { Auditor } from './audit/auditor.ts'
import { LocalNode } from './testing/local-node.ts'
import { tinyAdapterFiles, tinyBaseFiles } from './testing/tiny-files.ts'

type Attributed = { attribution: Attribution }

let node: LocalNode
const clientOf = (payer: number) =>
  new OpenAI({ baseURL: `${node.url}/v1`, apiKey: 'none', maxRetries: 0, fetch: node.client(payer).fetch })
let openai: OpenAI
beforeAll(async () => {
  node = await LocalNode.start({
    OPENLEDGER_PROMPT_PRICE_WEI: '1000000',
    OPENLEDGER_COMPLETION_PRICE_WEI: '3000000',
    OPENLEDGER_SETTLE_EVERY_MS: '0',
    OPENLEDGER_MODELS_EVERY_MS: '100',
    OPENLEDGER_BATCH_ROWS: '4',
    OPENLEDGER_LORA_RANK: '4',
    OPENLEDGER_MAX_OPEN_PER_PAYER: '6',
  })
  const base = await node.publish('tiny', tinyBaseFiles(), null)
  await node.publish('poet', tinyAdapterFiles(1), base)
  for (let payer = 0; payer < 3; payer++) await node.chain.deposit(node.payer(payer).address, 10n ** 12n)
  await node.untilReady()
  await node.get('/v1/models/poet')
  openai = clientOf(0)
})
afterAll(() => node.close())

const ask = { model: 'poet', messages: [{ role: 'user' as const, content: 'Tell me.' }], max_tokens: 12, seed: 4 }

describe('the openai client', () => {
  it('lists the models', async () => {
    const models = []
    for await (const model of openai.models.list()) models.push(model.id)
    expect(models).toEqual(['tiny', 'poet'])
    expect((await openai.models.retrieve('poet')).owned_by).toMatch(/^0x/)
  })

  it('chats, and is told where the answer came from', async () => {
    const { data, response } = await openai.chat.completions.create(ask).withResponse()
    expect(data.choices[0]!.message.content).toEqual(expect.any(String))
    expect(data.usage!.total_tokens).toBe(data.usage!.prompt_tokens + data.usage!.completion_tokens)
    const { attribution } = data as unknown as Attributed
    expect(response.headers.get('X-Attribution-Receipt')).toBe(attribution.receipt)
    expect((await node.get(`/v1/receipts/${attribution.receipt}`)).status).toBe(200)
  })

  it('streams the same text in pieces, with usage at the end', async () => {
    const whole = await openai.chat.completions.create(ask)
    const stream = await openai.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    })
    let [text, finish, usage] = ['', '', 0]
    for await (const { choices, usage: counts } of stream) {
      text += choices[0]?.delta.content ?? ''
      finish = choices[0]?.finish_reason ?? finish
      usage = counts?.completion_tokens ?? usage
    }
    expect([text, finish]).toEqual([whole.choices[0]!.message.content, whole.choices[0]!.finish_reason])
    expect(usage).toBe(whole.usage!.completion_tokens)
  })

  it('gets several answers to one prompt, which is paid for once, each with its receipt', async () => {
    const three = await openai.chat.completions.create({ ...ask, n: 3 })
    const texts = three.choices.map(({ message }) => message.content)
    expect(new Set(texts).size).toBe(3)
    expect(texts[0]).toBe((await openai.chat.completions.create(ask)).choices[0]!.message.content)
    const prices = three.choices.map((choice) => BigInt((choice as unknown as Attributed).attribution.priceWei))
    const { completion_tokens: completion, prompt_tokens: prompt } = three.usage!
    expect(prices.reduce((a, b) => a + b)).toBe(BigInt(prompt * 1000 + completion * 3000))
    const stream = await openai.chat.completions.create({ ...ask, n: 3, stream: true })
    const streamed = ['', '', '']
    for await (const { choices } of stream) {
      for (const { delta, index } of choices) streamed[index] += delta.content ?? ''
    }
    expect(streamed).toEqual(texts)
  })

  it('gets the probabilities of tokens, streamed and whole, in both forms', async () => {
    const wanted = { ...ask, logprobs: true, top_logprobs: 2 }
    const { choices } = await openai.chat.completions.create(wanted)
    const content = choices[0]!.logprobs!.content!
    expect(content.map(({ token }) => token).join('')).toContain(choices[0]!.message.content!.slice(0, 2))
    for (const { bytes, logprob, token, top_logprobs: top } of content) {
      expect(logprob).toBeLessThanOrEqual(0)
      expect(top).toHaveLength(2)
      if (bytes !== null) expect(Buffer.from(bytes).toString()).toBe(token)
    }
    const streamed: unknown[] = []
    for await (const piece of await openai.chat.completions.create({ ...wanted, stream: true })) {
      streamed.push(...(piece.choices[0]?.logprobs?.content ?? []))
    }
    expect(streamed).toEqual(content)
    const plain = await openai.completions.create({
      model: 'poet',
      prompt: 'Once',
      max_tokens: 6,
      logprobs: 3,
      seed: 1,
    })
    const { text_offset: offsets, token_logprobs: logprobs, tokens } = plain.choices[0]!.logprobs!
    expect([offsets!.length, logprobs!.length]).toEqual([tokens!.length, tokens!.length])
    expect(offsets![0]).toBe(0)
  })

  it('gets JSON by a schema', async () => {
    const schema = {
      type: 'object',
      properties: { kind: { enum: ['ode', 'sonnet'] }, lines: { type: 'integer' }, good: { type: 'boolean' } },
      required: ['kind', 'lines', 'good'],
      additionalProperties: false,
    }
    for (const seed of [1, 2, 3, 4]) {
      const { choices } = await openai.chat.completions.create({
        ...ask,
        seed,
        max_tokens: 120,
        response_format: { type: 'json_schema', json_schema: { name: 'poem', schema, strict: true } },
      })
      const poem = JSON.parse(choices[0]!.message.content!)
      expect(Object.keys(poem)).toEqual(['kind', 'lines', 'good'])
      expect([choices[0]!.finish_reason, Number.isInteger(poem.lines)]).toEqual(['stop', true])
    }
  })

  it('uses every setting of the choice of tokens', async () => {
    const settings = {
      presence_penalty: 0.5,
      frequency_penalty: 0.5,
      logit_bias: { '40': 8 },
      stop: ['zz'],
      top_p: 0.9,
      ...{ top_k: 20, min_p: 0.01, repetition_penalty: 1.1 },
    }
    const biased = await openai.chat.completions.create({ ...ask, ...settings })
    expect(biased.choices[0]!.message.content).not.toBe(
      (await openai.chat.completions.create(ask)).choices[0]!.message.content,
    )
  })

  it('embeds texts: alike ones alike, each with its receipt, also as base64', async () => {
    const input = ['the reason', 'the reason', 'Completely other: 42']
    const { data, usage } = await openai.embeddings.create({ model: 'tiny', input })
    expect(data.map(({ embedding }) => embedding.length)).toEqual([48, 48, 48])
    expect(data[0]!.embedding).toEqual(data[1]!.embedding)
    expect(data[2]!.embedding).not.toEqual(data[1]!.embedding)
    const length = Math.hypot(...data[0]!.embedding)
    expect(length).toBeCloseTo(1, 5)
    expect(usage.prompt_tokens).toBe(usage.total_tokens)
    const floats = await openai.embeddings.create({ model: 'tiny', input: input[0]!, encoding_format: 'float' })
    expect(floats.data[0]!.embedding.map(Math.fround)).toEqual([...Float32Array.from(data[0]!.embedding)])
    const adapted = await openai.embeddings.create({ model: 'poet', input: input[0]! })
    expect(adapted.data[0]!.embedding).not.toEqual(data[0]!.embedding)
  })

  it("takes LoRAX's adapter_id beside the base", async () => {
    const body = { ...ask, model: 'tiny', adapter_id: 'poet' }
    const named = await openai.chat.completions.create({ ...ask, model: 'tiny:poet' })
    // The voucher is made out for the adapter, whatever the body calls it.
    const lorax = await node.client(1).fetch(`${node.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { choices } = (await lorax.json()) as OpenAI.ChatCompletion
    expect(choices[0]!.message.content).toBe(named.choices[0]!.message.content)
  })

  it.each([
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }, 400, 'request.unsupported'],
    ['an unknown model', { model: 'nobody' }, 404, 'model.unknown'],
    [
      'a schema that cannot be held to',
      {
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'string', pattern: 'a' } } },
      },
      400,
      'schema.unsupported',
    ],
    ['too many answers', { n: 17 }, 400, 'request.invalid'],
    ['a bias of a token that does not exist', { logit_bias: { '4000': 1 } }, 400, 'request.invalid'],
    ['more open answers than one payer may have', { n: 7 }, 429, 'payer.busy'],
  ])('is refused %s, with the status and the code', async (_, change, status, code) => {
    const refused = openai.chat.completions.create({
      ...ask,
      ...change,
    } as OpenAI.ChatCompletionCreateParamsNonStreaming)
    await expect(refused).rejects.toMatchObject({ status, code })
  })

  it('is told 402 when the deposit does not suffice, and 429 when to come back', async () => {
    const poor = clientOf(9).chat.completions.create(ask)
    await expect(poor).rejects.toMatchObject({ status: 402, code: 'escrow.insufficient', type: 'payment_required' })
    const busy = await openai.chat.completions.create({ ...ask, n: 7 }).catch((error) => error)
    expect(busy).toBeInstanceOf(OpenAI.RateLimitError)
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('leaves in the middle, and its row is free: what it got is charged and right, no more', async () => {
    const controller = new AbortController()
    const long = { ...ask, max_tokens: 200, temperature: 0, logit_bias: { '0': -100 } }
    const stream = await openai.chat.completions.create({ ...long, stream: true }, { signal: controller.signal })
    for await (const piece of stream) if ((piece.choices[0]?.delta.content ?? '') !== '') controller.abort()
    await expect
      .poll(async () => (await node.get('/metrics')).text(), { timeout: 30_000 })
      .toMatch(/openledger_open_requests 0[\s\S]*openledger_active_rows 0/)
  })

  it('has given answers, embeddings and what was broken off that an auditor finds right, all of them', async () => {
    await node.settle()
    const { escrow } = node.chain
    const events = await escrow.queryFilter(escrow.filters.ReceiptsAnchored!())
    const { address } = node.deployment.contracts.LineageRegistry
    const directory = new ModelDirectory({ address, provider: node.chain.provider, startBlock: 0 })
    const auditor = new Auditor({ directory, content: node.store, domain: node.domain })
    let [count, cancelled, embedded] = [0, 0, 0]
    for (const event of events) {
      const { receiptsDigest } = escrow.interface.parseLog(event)!.args
      const manifest = parseManifest(ReceiptsManifest, await node.store.get(cidOfDigest(receiptsDigest)), 'receipts')
      for (const signed of manifest.receipts) {
        expect(await auditor.audit(signed)).toMatchObject({ matches: true })
        const read = async (digest: `0x${string}`) =>
          JSON.parse(Buffer.from(await node.store.get(cidOfDigest(digest))).toString())
        const request = await read(signed.receipt.requestHash)
        const response = await read(signed.receipt.responseHash)
        count++
        if (response.finishReason === 'cancelled') cancelled++
        if (request.embed !== true) continue
        embedded++
        const other = { ...response, embedding: `${response.embedding.slice(4)}AAAA` }
        const lying = { ...signed.receipt, responseHash: jsonDigest(other) }
        expect(await auditor.judge(lying, request, other)).toMatchObject({ matches: false, reason: 'embedding' })
      }
    }
    await auditor.close()
    expect(count).toBeGreaterThan(25)
    expect([cancelled, embedded]).toEqual([1, 5])
  })
})
