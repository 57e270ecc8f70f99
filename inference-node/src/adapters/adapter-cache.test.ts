import type { Adapter } from '@openledger/language-model'
import { describe, expect, it } from 'vitest'
import { AdapterCache } from './adapter-cache.ts'

const adapter: Adapter = { lora: { rank: 1, alpha: 1, targets: ['q'] }, weights: new Float32Array(25) } // 100 bytes

function open(budgetBytes: number, faults: string[] = []) {
  const engine = new Set<string>()
  const opened: string[] = []
  const cache = new AdapterCache({
    budgetBytes,
    open: async (key) => {
      opened.push(key)
      if (faults.includes(key)) throw new Error(`no ${key}`)
      return adapter
    },
    load: (key, { weights }) => {
      engine.add(key)
      return weights.byteLength
    },
    unload: (key) => engine.delete(key),
  })
  const use = async (key: string) => (await cache.acquire(key)).release()
  return { cache, engine, opened, use }
}

describe('AdapterCache', () => {
  it('loads an adapter once, however many ask at once', async () => {
    const { cache, opened, use } = open(1000)
    await Promise.all([use('a'), use('a'), use('a')])
    await use('a')
    expect(opened).toEqual(['a'])
    expect(cache.stats).toEqual({ adapters: 1, bytes: 100, hits: 3, misses: 1 })
  })

  it('gives up the least recently used when memory is full', async () => {
    const { engine, use } = open(250)
    for (const key of ['a', 'b', 'a', 'c']) await use(key)
    expect([...engine].sort()).toEqual(['a', 'c'])
  })

  it('keeps what a request holds, and shrinks when it is released', async () => {
    const { cache, engine } = open(150)
    const held = await Promise.all(['a', 'b', 'c'].map((key) => cache.acquire(key)))
    expect(engine.size).toBe(3)
    for (const { release } of held) {
      release()
      release()
    }
    expect([...engine]).toEqual(['c'])
    expect(cache.stats.bytes).toBe(100)
  })

  it('tells everybody who waits when an adapter cannot be had, and tries again for the next', async () => {
    const faults = ['a']
    const { cache, opened, use } = open(1000, faults)
    const outcomes = await Promise.allSettled([use('a'), use('a')])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    faults.pop()
    await use('a')
    expect(opened).toEqual(['a', 'a'])
    expect(cache.stats.adapters).toBe(1)
  })

  it('drops an adapter when its last holder lets go, and not when somebody wants it again meanwhile', async () => {
    const { cache, engine } = open(1000)
    const [first, second] = [await cache.acquire('a'), await cache.acquire('a')]
    let isGone = false
    const dropped = cache.drop('a').then(() => {
      isGone = true
    })
    first.release()
    await Promise.resolve()
    expect([isGone, engine.has('a')]).toEqual([false, true])
    second.release()
    await dropped
    expect([cache.has('a'), engine.has('a')]).toEqual([false, false])
    const held = await cache.acquire('a')
    const overruled = cache.drop('a')
    const again = await cache.acquire('a')
    await overruled
    held.release()
    again.release()
    expect(cache.has('a')).toBe(true)
    await cache.drop('nobody')
  })
})
