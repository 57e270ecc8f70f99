import { describe, expect, it } from 'vitest'
import { KnownAnswers } from './known-answers.ts'

describe('what is known of past blocks', () => {
  it('is asked for once by requests that come together', async () => {
    const known = new KnownAnswers()
    const gate = Promise.withResolvers<string>()
    let reads = 0
    const read = () => {
      reads++
      return gate.promise
    }
    const both = Promise.all([known.get('block 1', read), known.get('block 1', read)])
    gate.resolve('rows')
    expect(await both).toEqual(['rows', 'rows'])
    expect(await known.get('block 1', read)).toBe('rows')
    expect(reads).toBe(1)
  })

  it('is asked for anew by one who waited for another that gave up', async () => {
    const known = new KnownAnswers()
    const gate = Promise.withResolvers<string>()
    const first = known.get('block 1', () => gate.promise)
    const second = known.get('block 1', async () => 'rows')
    gate.reject(new Error('gave up'))
    await expect(first).rejects.toThrow('gave up')
    expect(await second).toBe('rows')
  })

  it('keeps no failure', async () => {
    const known = new KnownAnswers()
    await expect(known.get('block 1', () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(await known.get('block 1', async () => 'rows')).toBe('rows')
  })

  it('asks only for keys that nobody has or asks for, each once, and answers in the order of the keys', async () => {
    const known = new KnownAnswers()
    const gate = Promise.withResolvers<void>()
    const asked: (readonly string[])[] = []
    const read = async (keys: readonly string[]) => {
      asked.push(keys)
      await gate.promise
      return keys.map((key) => key.toUpperCase())
    }
    const first = known.getMany('name', ['a', 'b'], read)
    const second = known.getMany('name', ['c', 'b', 'c'], read)
    gate.resolve()
    expect(await first).toEqual(['A', 'B'])
    expect(await second).toEqual(['C', 'B', 'C'])
    expect(asked).toEqual([['a', 'b'], ['c']])
    expect(await known.getMany('other', ['a'], read)).toEqual(['A'])
    expect(asked).toHaveLength(3)
  })

  it('forgets the oldest when there is no more room', async () => {
    const known = new KnownAnswers(2)
    let reads = 0
    const read = async () => ++reads
    for (const key of ['1', '2', '3', '3', '1']) await known.get(key, read)
    expect(reads).toBe(4)
  })
})
