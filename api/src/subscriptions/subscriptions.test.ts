import { createClient } from 'graphql-ws'
import { afterEach, beforeEach, expect, test } from 'vitest'
import WebSocket from 'ws'
import { type ApiUnderTest, account, startApiUnderTest, word } from '../testing/api-under-test.ts'

let api: ApiUnderTest
let client: ReturnType<typeof createClient>
beforeEach(async () => {
  api = await startApiUnderTest({ RewardRoot: [root(1)] })
  client = createClient({ url: `${api.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 })
})
afterEach(async () => {
  await client.dispose()
  await api.close()
})

function root(epoch: number) {
  return {
    ...{
      id: word(epoch),
      epoch,
      root: word(100 + epoch),
      dataCid: 'x',
      totalWei: '5',
      toBlock: '5',
      blockHash: word(5),
    },
    ...{
      status: 'Proposed',
      opensAt: '1',
      isFrozen: false,
      proposer: account(1),
      transactionHash: word(9),
      blockNumber: '7',
    },
    ...{ engineHash: word(3), timestamp: '1', isBondReleased: false },
  }
}

const advance = (number: number) => {
  api.index.block = { number, hash: word(number), timestamp: 1_790_000_000 + number }
}

/** The first event of a subscription; `act` is done again and again until there is one. */
async function firstEvent(query: string, act: (turn: number) => void): Promise<unknown> {
  const events = client.iterate({ query })
  let turn = 0
  const timer = setInterval(() => act(turn++), 100)
  try {
    return (await events.next()).value
  } finally {
    clearInterval(timer)
    await events.return?.()
  }
}

test('a new block is told', async () => {
  const event = await firstEvent('subscription { newBlock { number hash } }', (turn) => advance(8 + turn))
  expect(event).toMatchObject({ data: { newBlock: { number: expect.any(Number), hash: expect.any(String) } } })
})

test('an epoch that is proposed is told at its block; those of before are not', async () => {
  const event = await firstEvent('subscription { newEpoch { number root } }', (turn) => {
    // Not at once: what is there when somebody subscribes is not new.
    if (turn >= 15) api.index.put('RewardRoot', [root(1), root(2)])
    advance(8 + turn)
  })
  expect(event).toEqual({ data: { newEpoch: { number: 2, root: word(102) } } })
})

test.each([
  ['a query', '{ _meta { block } }', 'subscription.only'],
  ['a bomb', `subscription { ${'...f '.repeat(2)} } fragment f on Subscription { ...f }`, 'query.too_large'],
  ['two root fields by fragments', `subscription { newBlock { ${'number '.repeat(1_001)} } }`, 'query.too_large'],
])('%s is refused', async (_, query, code) => {
  const events = client.iterate({ query })
  await expect(events.next()).rejects.toMatchObject([{ extensions: { code } }])
})

test('an eleventh subscription of a connection is refused', async () => {
  const all = Array.from({ length: 11 }, () => client.iterate({ query: 'subscription { newBlock { number } }' }))
  const results = all.map((events) =>
    events.next().then(
      () => 'told',
      (errors) => errors[0].extensions.code,
    ),
  )
  expect(await Promise.race(results)).toBe('subscription.too_many')
})
