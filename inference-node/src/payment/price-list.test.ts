import { describe, expect, it } from 'vitest'
import { PriceList, priceOf } from './price-list.ts'

const fallback = { promptWei: '1000', completionWei: '3000' }

describe('priceOf', () => {
  it('charges per thousand tokens of each kind, rounded up to the wei', () => {
    expect(priceOf(fallback, 1000, 1000)).toBe(4000n)
    expect(priceOf(fallback, 1, 1)).toBe(4n)
    expect(priceOf({ promptWei: '1', completionWei: '1' }, 1, 0)).toBe(1n)
    expect(priceOf({ promptWei: '1', completionWei: '1' }, 1000, 1)).toBe(2n)
  })

  it('is exact where floats are not', () => {
    expect(priceOf({ promptWei: `9${'0'.repeat(30)}7`, completionWei: '0' }, 1000, 0)).toBe(
      BigInt(`9${'0'.repeat(30)}7`),
    )
  })
})

describe('PriceList', () => {
  const model = { id: `0x${'1'.repeat(64)}`, name: 'solidity' }
  const named = { promptWei: '1', completionWei: '2' }
  const byId = { promptWei: '5', completionWei: '6' }

  it('takes the price of the id, else of the name, else the default', () => {
    expect(new PriceList(fallback, { [model.id]: byId, solidity: named }).of(model)).toEqual(byId)
    expect(new PriceList(fallback, { solidity: named }).of(model)).toEqual(named)
    expect(new PriceList(fallback).of(model)).toEqual(fallback)
  })

  it.each(['{', '[]', '{"a":{"promptWei":"-1","completionWei":"0"}}', '{"a":{"promptWei":1,"completionWei":"0"}}'])(
    'refuses %s',
    (json) => {
      expect(() => PriceList.parse(fallback, json)).toThrow(expect.objectContaining({ code: 'settings.invalid' }))
    },
  )
})
