/** Adapters on a whole node: how they are called, and how an operator has them loaded, kept and taken out of service. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LocalNode } from './testing/local-node.ts'
import { tinyAdapterFiles, tinyBaseFiles } from './testing/tiny-files.ts'

const KEY = 'a key that only the operator has'
const OTHER_OWNER = 3

type Listed = { id: string; parent: string | null; openledger: Record<string, unknown> }

let node: LocalNode
let base: `0x${string}`
const ids: Record<string, string> = {}
beforeAll(async () => {
  node = await LocalNode.start({
    OPENLEDGER_PROMPT_PRICE_WEI: '1',
    OPENLEDGER_COMPLETION_PRICE_WEI: '1',
    OPENLEDGER_SETTLE_EVERY_MS: '0',
    OPENLEDGER_MODELS_EVERY_MS: '100',
    OPENLEDGER_LORA_RANK: '4',
    OPENLEDGER_OPERATOR_KEY: KEY,
    OPENLEDGER_PINNED_ADAPTERS: 'kept, nobody',
    OPENLEDGER_PREFETCH: '1',
  })
  base = await node.publish('tiny', tinyBaseFiles(), null)
  ids.first = await node.publish('poet', tinyAdapterFiles(1), base)
  ids.stolen = await node.publish('poet', tinyAdapterFiles(2), base, OTHER_OWNER)
  ids.second = await node.publish('poet', tinyAdapterFiles(3), base)
  await node.chain.deposit(node.payer(0).address, 10n ** 9n)
  await node.untilReady()
})
afterAll(() => node.close())

const modelId = async (name: string) => {
  const response = await node.get(`/v1/models/${encodeURIComponent(name)}`)
  return response.ok ? ((await response.json()) as Listed).openledger.modelId : response.status
}
const listed = async () => ((await (await node.get('/v1/models')).json()) as { data: Listed[] }).data
const operate = (path: string, body: unknown, key = KEY) => node.post(path, body, { authorization: `Bearer ${key}` })
const complete = (model: string, max_tokens = 3) => node.client(0).complete({ model, prompt: 'x', max_tokens })
const statsOf = async (name: string) => (await listed()).find(({ id }) => id === name)?.openledger

describe('adapters of a node', () => {
  it('go by their name, their version, or their id; a name means the same for ever', async () => {
    const names = ['poet', 'tiny:poet', 'poet@1', 'tiny:poet@1', ids.first!]
    expect(await Promise.all(names.map(modelId))).toEqual(names.map(() => ids.first))
    for (const name of ['poet@2', 'tiny:poet@2', 'poet@latest']) expect(await modelId(name)).toBe(ids.second)
    for (const name of ['poet@3', 'poet@0', 'other:poet', 'tiny:tiny:poet', '__proto__']) {
      expect(await modelId(name)).toBe(404)
    }
  })

  it('are listed by names that find them, with their parent; who took a name late is listed by id', async () => {
    const models = await listed()
    expect(models.map(({ id, parent }) => [id, parent])).toEqual([
      ['tiny', null],
      ['poet', 'tiny'],
      [ids.stolen, 'tiny'],
      ['poet@2', 'tiny'],
    ])
    for (const { id, openledger } of models) expect(await modelId(id)).toBe(openledger.modelId)
  })

  it('are loaded and unloaded by the operator alone', async () => {
    const body = { lora_name: 'poet' }
    for (const path of ['/v1/load_lora_adapter', '/v1/unload_lora_adapter']) {
      expect((await node.post(path, body)).status).toBe(401)
      expect((await operate(path, body, 'another key of some length')).status).toBe(401)
    }
  })

  it('are loaded from the chain, not from paths', async () => {
    const refusals: [body: object, status: number][] = [
      [{ lora_name: 'poet', lora_path: '/etc/passwd' }, 400],
      [{ lora_name: '../poet' }, 404],
      [{ lora_name: 'nobody' }, 404],
      [{}, 400],
    ]
    for (const [body, status] of refusals) expect((await operate('/v1/load_lora_adapter', body)).status).toBe(status)
    const loaded = await operate('/v1/load_lora_adapter', { lora_name: 'poet@2', lora_path: ids.second })
    expect([loaded.status, await loaded.text()]).toEqual([200, "Success: LoRA adapter 'poet@2' added successfully."])
    expect(await statsOf('poet@2')).toMatchObject({ loaded: true, pinned: true })
  })

  it('are drained when they are unloaded: what has begun is finished, what comes then is told 404', async () => {
    await operate('/v1/load_lora_adapter', { lora_name: 'poet' })
    const under_way = node.client(0).complete({ model: 'poet', prompt: 'x', max_tokens: 150, temperature: 0 })
    await expect.poll(async () => (await node.get('/metrics')).text()).toMatch(/openledger_active_rows 1/)
    const unloaded = await operate('/v1/unload_lora_adapter', { lora_name: 'poet' })
    expect(unloaded.status).toBe(200)
    expect((await under_way).response.finishReason).toMatch(/stop|length/)
    await expect(complete('poet')).rejects.toMatchObject({ facts: { status: 404 } })
    expect((await listed()).map(({ id }) => id)).not.toContain('poet')
    await operate('/v1/load_lora_adapter', { lora_name: 'poet' })
    expect((await complete('poet')).text).toEqual(expect.any(String))
    expect((await operate('/v1/unload_lora_adapter', { lora_name: 'tiny' })).status).toBe(400)
  })

  it('that are pinned by the settings are loaded as soon as they are on chain', async () => {
    await node.publish('kept', tinyAdapterFiles(5), base)
    await expect.poll(() => statsOf('kept'), { timeout: 30_000 }).toMatchObject({ loaded: true, pinned: true })
  })

  it('are counted: hits and misses only grow', async () => {
    const text = await (await node.get('/metrics')).text()
    expect(text).toMatch(/# TYPE openledger_adapter_hits counter\nopenledger_adapter_hits [1-9]/)
    expect(text).toMatch(/# TYPE openledger_adapter_misses counter\nopenledger_adapter_misses [1-9]/)
    for (const name of ['first_token', 'inter_token', 'queue']) {
      expect(text).toMatch(new RegExp(`openledger_${name}_seconds_count [1-9]`))
    }
  })

  it('cannot be managed where no key is set', async () => {
    await node.restart({ OPENLEDGER_OPERATOR_KEY: undefined })
    await node.untilReady()
    expect((await operate('/v1/load_lora_adapter', { lora_name: 'poet' })).status).toBe(403)
  })
})
