/** For tests: records of one Datanet, each by a contributor of its own. */
import type { ClusterRecord } from '@openledger/clusters'
import { digestOf } from '@openledger/protocol'

export const DATANET = { id: `0x${'d1'.repeat(32)}` as const, version: 3, asOfBlock: 30, licenceFlags: 3 }

export function recordsOf(
  texts: readonly string[],
  datanet: { id: `0x${string}`; version: number } = DATANET,
): ClusterRecord[] {
  return texts.map((text, order) => ({
    digest: digestOf(new TextEncoder().encode(text)),
    text,
    contributionId: `${datanet.id}-${1 + (order % datanet.version)}`,
    contributor: `0x${String(1 + (order % datanet.version)).padStart(40, '0')}`,
    order,
  }))
}

/** Texts that are unlike one another, yet have something to learn. */
export function sampleTexts(count: number): string[] {
  const words = ['ledger', 'record', 'royalty', 'adapter', 'escrow', 'voucher', 'merkle', 'datanet']
  return Array.from({ length: count }, (_, i) => {
    const at = (n: number) => words[(i * 3 + n * n + (i >> n)) % words.length]
    return `const ${at(1)}${i} = open(${at(2)}, ${at(3)}) + ${at(4)}`
  })
}
