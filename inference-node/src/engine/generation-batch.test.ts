import type { Adapter } from '@openledger/language-model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTinyModel, TINY, TINY_LIMITS, tinyAdapter, tinyRequest } from '../testing/tiny-model.ts'
import { GenerationBatch } from './generation-batch.ts'
import { replay } from './replay.ts'
import type { AnswerRequest, Generation } from './request.ts'
import type { ServingModel } from './serving-model.ts'

const adapters = new Map<string, Adapter>(Array.from({ length: 5 }, (_, i) => [`adapter-${i}`, tinyAdapter(i + 1)]))
const adapterOf = (key: string) => adapters.get(key)!
const keys = [null, ...adapters.keys()]

let model: ServingModel
beforeAll(async () => {
  model = await openTinyModel()
})
afterAll(() => model.close())

type Served = Generation & { shown: string }

async function serve(requests: readonly AnswerRequest[], maxRows: number): Promise<Served[]> {
  const batch = new GenerationBatch(model, { maxRows, adapterOf, limits: TINY_LIMITS })
  const answers = new Map<number, Served>()
  requests.forEach((request, i) => {
    let shown = ''
    batch.add(request, {
      text: (text) => {
        shown += text
      },
      done: (generation) => answers.set(i, { ...generation, shown }),
      failed: (error) => {
        throw error
      },
    })
  })
  while (await batch.turn());
  return requests.map((_, i) => answers.get(i)!)
}

describe('GenerationBatch', () => {
  const requests = Array.from({ length: 24 }, (_, i) => tinyRequest(i, { adapterKey: keys[i % keys.length]! }))

  it('gives each request, amid any others, exactly the answer that it gets alone', async () => {
    const alone: Served[] = []
    for (const request of requests) alone.push(...(await serve([request], 1)))
    expect(await serve(requests, 8)).toEqual(alone)
    expect(await serve([...requests].reverse(), 5)).toEqual([...alone].reverse())
    expect(new Set(alone.map(({ text }) => text)).size).toBe(requests.length)
  })

  it('answers with the adapter that was asked for', async () => {
    const same = keys.map((adapterKey) => tinyRequest(3, { adapterKey, maxTokens: 16 }))
    const texts = (await serve(same, 8)).map(({ text }) => text)
    expect(new Set(texts).size).toBe(keys.length)
  })

  it('shows exactly the final text, piece by piece', async () => {
    for (const { shown, text } of await serve(requests.slice(0, 6), 4)) expect(shown).toBe(text)
  })

  it('fills the whole context', async () => {
    const promptTokenIds = Array.from({ length: TINY.maxPositions - 10 }, (_, i) => i % 299)
    const [answer] = await serve([tinyRequest(1, { promptTokenIds, maxTokens: 10 })], 2)
    expect(answer!.tokenIds.length === 10 || answer!.finishReason === 'stop').toBe(true)
  })

  it('ends at a stop string and frees its row for the next request', async () => {
    const [free] = await serve([tinyRequest(6, { maxTokens: 20 })], 1)
    const stop = [free!.text.slice(4, 6)]
    const [stopped] = await serve([tinyRequest(6, { maxTokens: 20, stop }), tinyRequest(7)], 1)
    expect(stopped!.finishReason).toBe('stop')
    expect(free!.text.startsWith(stopped!.text)).toBe(true)
    expect(stopped!.text).not.toContain(stop[0])
  })

  it('refuses one request for an adapter that went away, and serves the others', async () => {
    const batch = new GenerationBatch(model, {
      maxRows: 2,
      adapterOf: () => {
        throw new Error('unloaded')
      },
      limits: TINY_LIMITS,
    })
    const outcomes: string[] = []
    for (const adapterKey of ['gone', null]) {
      batch.add(tinyRequest(2, { adapterKey, maxTokens: 2 }), {
        text: () => undefined,
        done: () => outcomes.push('done'),
        failed: () => outcomes.push('failed'),
      })
    }
    while (await batch.turn());
    expect(outcomes).toEqual(['failed', 'done'])
  })
})

describe('replay', () => {
  const requests = Array.from({ length: 12 }, (_, i) => tinyRequest(i + 40, { adapterKey: keys[i % keys.length]! }))
  const check = (request: AnswerRequest, answer: Generation, key = request.adapterKey) =>
    replay(model, key === null ? null : adapterOf(key), { ...request, adapterKey: key }, answer, TINY_LIMITS)

  it('matches every answer of a mixed batch', async () => {
    const answers = await serve(requests, 8)
    for (const [i, answer] of answers.entries()) {
      expect(await check(requests[i]!, answer)).toEqual({ matches: true, tokens: answer.tokenIds.length })
    }
  })

  it('finds a changed token at its place', async () => {
    const [answer] = await serve([requests[1]!], 1)
    const tokenIds = answer!.tokenIds.map((id, i) => (i === 5 ? (id + 1) % 299 : id))
    expect(await check(requests[1]!, { ...answer!, tokenIds })).toMatchObject({
      matches: false,
      reason: 'token',
      position: 5,
      expected: String(answer!.tokenIds[5]),
    })
  })

  it('finds that another adapter answered', async () => {
    for (const [i, answer] of (await serve(requests, 8)).entries()) {
      const other = keys[(i + 1) % keys.length]!
      expect(await check(requests[i]!, answer, other)).toMatchObject({ matches: false, reason: 'token' })
    }
  })

  it('finds another seed', async () => {
    const request = tinyRequest(40, { sampling: { temperature: 1, topP: 1, seed: 11 } })
    const [answer] = await serve([request], 1)
    const wrong = { ...request, sampling: { ...request.sampling, seed: 12 } }
    expect(await check(wrong, answer!)).toMatchObject({ matches: false, reason: 'token' })
  })

  it('finds an answer that was cut short, made longer, or reads otherwise', async () => {
    const request = tinyRequest(42, { maxTokens: 14 })
    const [answer] = await serve([request], 1)
    const cut = { ...answer!, tokenIds: answer!.tokenIds.slice(0, 6) }
    expect(await check(request, cut)).toMatchObject({ matches: false, reason: 'finish', position: 6 })
    expect(await check({ ...request, maxTokens: 10 }, answer!)).toMatchObject({ matches: false, reason: 'finish' })
    expect(await check(request, { ...answer!, text: `${answer!.text}!` })).toMatchObject({ reason: 'text' })
    expect(await check(request, { ...answer!, finishReason: 'stop' })).toMatchObject({ reason: 'finish' })
  })

  it('finds tokens that do not exist, and answers longer than the context', async () => {
    const request = tinyRequest(42, { maxTokens: 14 })
    const [answer] = await serve([request], 1)
    for (const strange of [TINY.vocabSize, -1, 1.5]) {
      const tokenIds = [...answer!.tokenIds.slice(0, 3), strange]
      expect(await check(request, { ...answer!, tokenIds })).toMatchObject({ reason: 'token', position: 3 })
    }
    const endless = Array.from({ length: TINY.maxPositions }, () => 5)
    expect(await check({ ...request, maxTokens: 9999 }, { ...answer!, tokenIds: endless })).toMatchObject({
      reason: 'finish',
    })
  })
})
