import { describe, expect, test } from 'vitest'
import { OpenLedgerError } from './error.ts'

const stale = new OpenLedgerError('lineage.stale', 'Lineage is behind the epoch it must explain.', {
  facts: { epoch: 42, 'indexed block': 18999120n },
  nextStep: 'Wait for the index, then ask again.',
  retryable: true,
})

describe('OpenLedgerError', () => {
  test('a person reads the message, the facts in columns and the next step', () => {
    expect(stale.toText()).toBe(
      'Lineage is behind the epoch it must explain.\n\n  epoch          42\n  indexed block  18999120\n\nNext: Wait for the index, then ask again.',
    )
  })

  test('the report that leaves the process has no stack', () => {
    expect(JSON.parse(JSON.stringify(stale))).toEqual({
      code: 'lineage.stale',
      message: 'Lineage is behind the epoch it must explain.',
      facts: { epoch: 42, 'indexed block': '18999120' },
      nextStep: 'Wait for the index, then ask again.',
      retryable: true,
    })
  })
})
