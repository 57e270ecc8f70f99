/** What an operator relies on: a node that is stopped finishes what it began, and says when it cannot serve. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalNode } from './testing/local-node.ts'
import { tinyBaseFiles } from './testing/tiny-files.ts'

let node: LocalNode
let base: `0x${string}`
beforeAll(async () => {
  node = await LocalNode.start({
    OPENLEDGER_PROMPT_PRICE_WEI: '1',
    OPENLEDGER_COMPLETION_PRICE_WEI: '1',
    OPENLEDGER_SETTLE_EVERY_MS: '0',
    OPENLEDGER_MODELS_EVERY_MS: '100',
    OPENLEDGER_BATCH_ROWS: '1',
    OPENLEDGER_QUEUE_MS: '1',
  })
  base = await node.publish('tiny', tinyBaseFiles(), null)
  for (const payer of [0, 1]) await node.chain.deposit(node.payer(payer).address, 10n ** 9n)
  await node.untilReady()
})
afterAll(() => node.close())

/** Greedy and without an end, so that it is known to be long. */
const long = { model: 'tiny', prompt: 'x', max_tokens: 200, temperature: 0, logit_bias: { '0': -100 } }
/** Begins a long answer; resolves when it is under way. */
async function begin(cumulativeWei: bigint): Promise<{ reply: Promise<Response> }> {
  const reply = node.post('/v1/completions', long, await node.voucher(0, base, cumulativeWei))
  const metrics = async () => (await node.get('/metrics')).text()
  // Often, as it may soon be over; long, as a busy machine may begin late.
  await expect.poll(metrics, { interval: 2, timeout: 30_000 }).toMatch(/openledger_active_rows 1/)
  return { reply }
}

describe('operating a node', () => {
  it('refuses what waits longer than it may, without a charge, and says so', async () => {
    const { reply } = await begin(10n ** 6n)
    const late = await node.post('/v1/completions', { ...long, max_tokens: 2 }, await node.voucher(1, base, 10n ** 6n))
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await late.json()).toMatchObject({ error: { code: 'request.waited_too_long' } })
    expect((await reply).status).toBe(200)
  })

  it('finishes the answer under way when it is stopped; its receipt is there when it starts again', async () => {
    const { reply: answering } = await begin(10n ** 7n)
    await node.restart()
    const reply = await answering
    expect(reply.status).toBe(200)
    const { attribution, choices } = (await reply.json()) as {
      attribution: { receipt: string }
      choices: { finish_reason: string }[]
    }
    expect(choices[0]!.finish_reason).toBe('length')
    expect((await node.get(`/v1/receipts/${attribution.receipt}`)).status).toBe(200)
    await node.untilReady()
  })

  it('is not ready while the chain does not answer, though it lives', async () => {
    await node.chain.close()
    const status = async () => (await node.get('/readyz')).status
    await expect.poll(status, { timeout: 90_000, interval: 500 }).toBe(503)
    expect(await (await node.get('/readyz')).json()).toMatchObject({ status: 'the chain does not answer' })
    expect((await node.get('/healthz')).status).toBe(200)
  })
})
