import type { Adapter } from '@openledger/language-model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTinyModel, TINY, TINY_SPELLING, tinyAdapter, tinyRequest } from '../testing/tiny-model.ts'
import { GenerationBatch } from './generation-batch.ts'
import type { TokenLogprobs } from './logprobs.ts'
import { replay } from './replay.ts'
import type { AnswerRequest, Generation } from './request.ts'
import type { Sampling } from './sampling.ts'
import type { ServingModel } from './serving-model.ts'

const adapters = new Map<string, Adapter>(Array.from({ length: 5 }, (_, i) => [`adapter-${i}`, tinyAdapter(i + 1)]))
const adapterOf = (key: string) => adapters.get(key)!
const keys = [null, ...adapters.keys()]

let model: ServingModel
beforeAll(async () => {
  model = await openTinyModel()
})
afterAll(() => model.close())

const sampling = (own: Partial<Sampling>) => ({ sampling: { temperature: 1, topP: 0.9, seed: 5, ...own } })

type Served = Generation & { shown: string }

type Options = Partial<GenerationBatch.Options> & { onBatch?(batch: GenerationBatch): unknown }

async function serve(requests: readonly AnswerRequest[], maxRows: number, options: Options = {}): Promise<Served[]> {
  const batch = new GenerationBatch(model, { maxRows, adapterOf, spelling: TINY_SPELLING, ...options })
  options.onBatch?.(batch)
  const answers = new Map<number, Served>()
  requests.forEach((request, i) => {
    let shown = ''
    batch.add(request, {
      piece: ({ text }) => {
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
      spelling: TINY_SPELLING,
    })
    const outcomes: string[] = []
    for (const adapterKey of ['gone', null]) {
      batch.add(tinyRequest(2, { adapterKey, maxTokens: 2 }), {
        piece: () => undefined,
        done: () => outcomes.push('done'),
        failed: () => outcomes.push('failed'),
      })
    }
    while (await batch.turn());
    expect(outcomes).toEqual(['failed', 'done'])
  })
})

describe('the beginnings of prompts', () => {
  const system = Array.from({ length: 100 }, (_, i) => (i * 7) % 299)
  const requests = Array.from({ length: 12 }, (_, i) =>
    tinyRequest(i, {
      adapterKey: keys[i % 3]!,
      promptTokenIds: [...system.slice(0, 60 + (i % 4) * 12), ...Array.from({ length: i }, (_, j) => j + i)],
      topLogprobs: 5,
    }),
  )

  it('are read once, and the answers are the same, probabilities included', async () => {
    const read = await serve(requests, 4)
    const batches: GenerationBatch[] = []
    const options = { prefixBytes: 1e7, onBatch: (batch: GenerationBatch) => batches.push(batch) }
    expect(await serve(requests, 4, options)).toEqual(read)
    expect(batches[0]!.reusedTokens).toBeGreaterThan(12 * 32)
  })

  it('are read once by answers that begin together', async () => {
    const same = Array.from({ length: 5 }, (_, choice) =>
      tinyRequest(1, { promptTokenIds: system, sampling: { temperature: 1, topP: 1, seed: 1, choice } }),
    )
    const batches: GenerationBatch[] = []
    await serve(same, 8, { prefixBytes: 1e7, onBatch: (batch) => batches.push(batch) })
    expect(batches[0]!.reusedTokens).toBe(4 * 96)
  })

  it('are given up when memory is short, and nothing else changes', async () => {
    const read = await serve(requests, 4)
    expect(await serve(requests, 4, { prefixBytes: 30_000 })).toEqual(read)
    expect(await serve(requests, 4, { prefixBytes: 1 })).toEqual(read)
  })
})

describe('a batch with little room', () => {
  const heard = () => {
    const events: string[] = []
    const listener = (name: string): GenerationBatch.Listener => ({
      piece: () => undefined,
      done: ({ finishReason }) => events.push(`${name} ${finishReason}`),
      failed: (error) => events.push(`${name} ${(error as { code: string }).code}`),
    })
    return { events, listener }
  }

  it('admits no more tokens than it may hold, and one request that alone is larger', async () => {
    const batch = new GenerationBatch(model, { maxRows: 8, adapterOf, spelling: TINY_SPELLING, maxTokens: 100 })
    const { events, listener } = heard()
    const request = (length: number) =>
      tinyRequest(3, { promptTokenIds: Array.from({ length }, (_, i) => i), maxTokens: 10 })
    for (const [i, length] of [40, 40, 200, 5].entries()) batch.add(request(length), listener(String(i)))
    await batch.turn()
    expect([batch.activeRows, batch.waitingRows]).toEqual([2, 2])
    while (await batch.turn()) expect(batch.activeRows).toBeLessThanOrEqual(2)
    expect(events).toHaveLength(4)
    expect(events.indexOf('2 length')).toBeLessThan(events.findIndex((event) => event.startsWith('3')))
  })

  it('refuses who waited too long, and goes on', async () => {
    const batch = new GenerationBatch(model, { maxRows: 1, adapterOf, spelling: TINY_SPELLING })
    const { events, listener } = heard()
    batch.add(tinyRequest(3, { maxTokens: 5 }), listener('first'))
    batch.add(tinyRequest(3, { maxTokens: 5 }), listener('late'), { patienceMs: 0 })
    while (await batch.turn());
    expect(events).toEqual(['late request.waited_too_long', 'first length'])
  })

  it('ends an answer whose client left, which is right as far as it goes, and frees its row', async () => {
    const batch = new GenerationBatch(model, { maxRows: 1, adapterOf, spelling: TINY_SPELLING })
    const { events, listener } = heard()
    const request = tinyRequest(3, { maxTokens: 100 })
    const cuts: Generation[] = []
    const leaving = { ...listener('left'), done: (generation: Generation) => cuts.push(generation) }
    batch.add(request, leaving)
    batch.add(tinyRequest(6, { maxTokens: 2 }), listener('next'))
    for (let turn = 0; turn < 8; turn++) await batch.turn()
    batch.cancel(leaving)
    await batch.turn()
    const cut = cuts[0]!
    expect(cut).toMatchObject({ finishReason: 'cancelled' })
    expect(cut.tokenIds.length).toBeLessThan(10)
    while (await batch.turn());
    expect(events).toEqual(['next length'])
    const tokens = cut.tokenIds.length
    expect(await replay(model, null, request, cut, TINY_SPELLING)).toEqual({ matches: true, tokens })
    const none = { ...cut, tokenIds: [], text: '' }
    expect(await replay(model, null, request, none, TINY_SPELLING)).toMatchObject({ reason: 'finish' })
  })

  it('lets a client that leaves while its prompt is read pay for its first token', async () => {
    const batch = new GenerationBatch(model, { maxRows: 1, adapterOf, spelling: TINY_SPELLING })
    const { events, listener } = heard()
    const promptTokenIds = Array.from({ length: 150 }, (_, i) => i)
    const own = listener('left')
    batch.add(tinyRequest(3, { promptTokenIds, maxTokens: 50 }), own)
    await batch.turn()
    batch.cancel(own)
    while (await batch.turn());
    expect(events).toEqual(['left cancelled'])
  })
})

describe('replay', () => {
  const requests = Array.from({ length: 12 }, (_, i) => tinyRequest(i + 40, { adapterKey: keys[i % keys.length]! }))
  const check = (request: AnswerRequest, answer: Generation, key = request.adapterKey) =>
    replay(model, key === null ? null : adapterOf(key), { ...request, adapterKey: key }, answer, TINY_SPELLING)

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

  const settings: [what: string, own: Partial<AnswerRequest>, other: Partial<AnswerRequest>][] = [
    ['top_k', sampling({ topK: 3 }), sampling({ topK: 2 })],
    ['min_p', sampling({ minP: 0.2 }), sampling({ minP: 0.9 })],
    ['a presence penalty', sampling({ presencePenalty: 2 }), sampling({ presencePenalty: -2 })],
    ['a frequency penalty', sampling({ frequencyPenalty: 1.5 }), sampling({ frequencyPenalty: -2 })],
    ['a repetition penalty', sampling({ repetitionPenalty: 1.4 }), sampling({ repetitionPenalty: 0.5 })],
    [
      'a bias',
      sampling({
        logitBias: [
          [7, 5],
          [9, -100],
        ],
      }),
      sampling({ logitBias: [[7, -100]] }),
    ],
    ['another choice', sampling({ choice: 2 }), sampling({ choice: 1 })],
    ['a schema', { jsonSchema: '{"type":"object"}' }, { jsonSchema: '{"type":"array"}' }],
  ]

  it.each(settings)(
    'matches what was made with %s, in a mixed batch as alone, and finds that it was not',
    async (_, own, other) => {
      const mixed = Array.from({ length: 6 }, (_, i) =>
        tinyRequest(i + 70, { adapterKey: keys[i]!, maxTokens: 24, ...own }),
      )
      const answers = await serve([...mixed, ...requests], 8)
      const matches: boolean[] = []
      for (const [i, request] of mixed.entries()) {
        expect((await serve([request], 1))[0]).toEqual(answers[i])
        expect(await check(request, answers[i]!)).toEqual({ matches: true, tokens: answers[i]!.tokenIds.length })
        matches.push((await check({ ...request, ...other }, answers[i]!)).matches)
      }
      expect(matches).toContain(false)
    },
  )

  it('matches the probabilities that were given, and finds those that were not', async () => {
    const request = tinyRequest(42, { topLogprobs: 4, maxTokens: 14 })
    const [answer] = await serve([request], 1)
    expect(await check(request, answer!)).toMatchObject({ matches: true })
    const changed = (change: (entry: TokenLogprobs) => TokenLogprobs) => {
      const logprobs = answer!.logprobs!.map((entry, i) => (i === 3 ? change(entry) : entry))
      return check(request, { ...answer!, logprobs })
    }
    expect(await changed((entry) => ({ ...entry, logprob: entry.logprob - 0.1 }))).toMatchObject({
      reason: 'logprobs',
      position: 3,
    })
    expect(await changed(({ logprob, top }) => ({ logprob, top: top.slice(1) }))).toMatchObject({ reason: 'logprobs' })
    const twice = ({ logprob, top }: TokenLogprobs) => ({ logprob, top: [top[0]!, ...top.slice(0, 3)] })
    expect(await changed(twice)).toMatchObject({ reason: 'logprobs' })
    const { logprobs: _, ...silent } = answer!
    expect(await check(request, silent)).toMatchObject({ reason: 'logprobs' })
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
