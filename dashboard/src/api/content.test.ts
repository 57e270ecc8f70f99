import { cidOf as protocolCid } from '@openledger/protocol'
import { expect, test } from 'vitest'
import { cidOf } from './content.ts'

test.each(['', 'a', 'a longer text with ümlauts', 'x'.repeat(1000)])(
  'the CID of %j is that of the platform',
  async (text) => {
    const bytes = new TextEncoder().encode(text)
    expect(await cidOf(bytes)).toBe(protocolCid(bytes))
  },
)
