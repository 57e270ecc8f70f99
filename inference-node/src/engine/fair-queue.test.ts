import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue } from './fair-queue.ts'

type Item = { client: string; id: number; tokens: number }

function queueOf(...clients: string[]): FairQueue<Item> {
  const queue = new FairQueue<Item>()
  clients.forEach((client, id) => {
    queue.add({ client, id, tokens: 10 })
  })
  return queue
}

/** Serves one request after the other, and says whose they were. */
function serve(queue: FairQueue<Item>, count: number): string[] {
  return Array.from({ length: count }, () => {
    const item = queue.take(() => true)
    if (item !== undefined) queue.charge(item.client, { answer: item.tokens })
    return item?.client ?? 'nobody'
  })
}

describe('FairQueue', () => {
  it('takes turns between clients, however many requests one has', () => {
    const queue = queueOf('a', 'a', 'a', 'a', 'a', 'b', 'b', 'c')
    expect(serve(queue, 8)).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'a', 'a'])
  })

  it('keeps the order of one client', () => {
    const queue = queueOf('a', 'a', 'a')
    expect([0, 1, 2].map(() => queue.take(() => true)?.id)).toEqual([0, 1, 2])
  })

  it('lets nobody save up service by being away', () => {
    const queue = queueOf('a', 'a', 'a', 'a', 'a', 'a')
    serve(queue, 4)
    queue.add({ client: 'late', id: 9, tokens: 10 })
    queue.add({ client: 'late', id: 10, tokens: 10 })
    expect(serve(queue, 4).filter((client) => client === 'late')).toHaveLength(2)
    expect(serve(queueOf('a', 'late'), 2)).toEqual(['a', 'late'])
  })

  it('holds nothing against a client that was served while nobody else waited', () => {
    const queue = queueOf('a', 'a', 'a')
    serve(queue, 3)
    for (const client of ['new', 'a', 'new', 'a']) queue.add({ client, id: 0, tokens: 10 })
    expect(serve(queue, 4).filter((client) => client === 'a')).toHaveLength(2)
  })

  it('waits for room for the next in turn: small requests do not pass it', () => {
    const queue = new FairQueue<Item>()
    queue.add({ client: 'a', id: 0, tokens: 100 })
    queue.add({ client: 'b', id: 1, tokens: 1 })
    expect(queue.take(({ tokens }) => tokens < 50)).toBeUndefined()
    expect(queue.take(() => true)?.id).toBe(0)
  })

  it('forgets who is swept out', () => {
    const queue = queueOf('a', 'b', 'a')
    expect(queue.sweep(({ client }) => client === 'a')).toHaveLength(2)
    expect(queue.size).toBe(1)
    expect(serve(queue, 2)).toEqual(['b', 'nobody'])
  })

  it('serves clients that always wait within two requests of each other, whatever their requests cost', () => {
    const cost = fc.integer({ min: 1, max: 50 })
    fc.assert(
      fc.property(
        fc.array(cost, { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 2, max: 6 }),
        (costs, clients) => {
          const queue = new FairQueue<Item>()
          const served = new Array<number>(clients).fill(0)
          const ask = (client: number, id: number) => queue.add({ client: String(client), id, tokens: costs[id % 60]! })
          for (let client = 0; client < clients; client++) for (let i = 0; i < 2; i++) ask(client, client * 2 + i)
          for (let round = 0; round < 200; round++) {
            const item = queue.take(() => true)!
            queue.charge(item.client, { answer: item.tokens })
            served[Number(item.client)]! += item.tokens
            ask(Number(item.client), round)
          }
          expect(Math.max(...served) - Math.min(...served)).toBeLessThanOrEqual(100)
        },
      ),
      { numRuns: 50, seed: 3 },
    )
  })
})
