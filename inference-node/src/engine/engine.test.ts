import { openAdapter } from '@openledger/language-model'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tinyAdapterFiles, tinyBaseFiles } from '../testing/tiny-files.ts'
import { TINY, TINY_SHAPE } from '../testing/tiny-model.ts'
import { Engine } from './engine.ts'
import { readFrom } from './messages.ts'
import type { AnswerRequest } from './request.ts'

const options = { ...TINY_SHAPE, maxRows: 4, threads: 1 }
let engine: Engine
beforeAll(async () => {
  engine = await Engine.start(tinyBaseFiles(), options)
  for (const key of ['a', 'b']) {
    engine.loadAdapter(key, await openAdapter(TINY, readFrom(tinyAdapterFiles(key.charCodeAt(0)))))
  }
})
afterAll(() => engine.close())

const request = (prompt: string, changes: Partial<AnswerRequest> = {}): AnswerRequest => ({
  promptTokenIds: [engine.tokenizer.bosId, ...engine.tokenizer.encode(prompt)],
  adapterKey: null,
  maxTokens: 16,
  sampling: { temperature: 0.8, topP: 0.95, seed: 5 },
  stop: [],
  ...changes,
})

describe('Engine', () => {
  it('answers on its own thread with the base and any adapters at once, and audits each answer', async () => {
    const requests = ['a', null, 'b', 'a', null, 'b', 'b', 'a'].map((adapterKey, i) =>
      request(`The ${i} reason`, { adapterKey }),
    )
    const shown = requests.map(() => '')
    const generated = await Promise.all(
      requests.map((one, i) =>
        engine.generate(one, {
          onPiece: ({ text }) => {
            shown[i] += text
          },
        }),
      ),
    )
    const answers = generated.map(({ generation }) => generation)
    expect(shown).toEqual(answers.map(({ text }) => text))
    for (const [i, answer] of answers.entries()) {
      expect(await engine.replay(requests[i]!, answer)).toEqual({ matches: true, tokens: answer.tokenIds.length })
      const other = { ...requests[i]!, adapterKey: requests[i]!.adapterKey === 'a' ? 'b' : 'a' }
      expect(await engine.replay(other, answer)).toMatchObject({ matches: false })
    }
  })

  it('leaves the event loop free while it computes', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    await Promise.all(Array.from({ length: 8 }, () => engine.generate(request('x', { maxTokens: 100 }))))
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(5)
  })

  it('names the computation otherwise when its graph is another', async () => {
    const wider = await Engine.start(tinyBaseFiles(), { ...options, rank: 8 })
    expect(wider.engineHash).not.toBe(engine.engineHash)
    await wider.close()
  })

  it('refuses a request for an adapter that is not loaded, and goes on', async () => {
    const refused = engine.generate(request('x', { adapterKey: 'nobody' }))
    await expect(refused).rejects.toMatchObject({ code: 'adapter.not_loaded', retryable: true })
    expect((await engine.generate(request('x'))).generation.tokenIds.length).toBeGreaterThan(0)
  })

  it('takes a request back that has not begun', async () => {
    const busy = Array.from({ length: 4 }, () => engine.generate(request('x', { maxTokens: 60 })))
    const controller = new AbortController()
    const waiting = engine.generate(request('x'), { signal: controller.signal })
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'request.cancelled' })
    expect(await Promise.all(busy)).toHaveLength(4)
  })

  it('refuses files that are no model, with the reason', async () => {
    const files = tinyBaseFiles()
    const { 'tokenizer.json': _, ...without } = files
    await expect(Engine.start(without, options)).rejects.toMatchObject({ code: 'model.file_missing' })
    const broken = { ...files, 'model.safetensors': files['model.safetensors']!.slice(0, 100) }
    await expect(Engine.start(broken, options)).rejects.toMatchObject({ code: expect.stringMatching(/^safetensors/) })
  })

  it('has the same name when it is opened again; finishes what it has begun before it closes', async () => {
    const again = await Engine.start(tinyBaseFiles(), { ...options, maxRows: 2 })
    expect(again.engineHash).toBe(engine.engineHash)
    const answer = again.generate(request('x', { maxTokens: 50 }))
    await again.close()
    expect((await answer).generation.tokenIds.length).toBeGreaterThan(0)
    expect(again.isAlive).toBe(false)
    await expect(again.generate(request('x'))).rejects.toMatchObject({ code: 'engine.fault' })
  })
})
