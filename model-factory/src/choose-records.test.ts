import { describe, expect, it } from 'vitest'
import { chooseRecords } from './choose-records.ts'
import { DATANET, recordsOf, sampleTexts } from './testing/records.ts'

const other = { id: `0x${'d0'.repeat(32)}` as const, version: 1, asOfBlock: 10 }

describe('choosing records', () => {
  it('takes one of several copies, the one that was on chain first', () => {
    const texts = sampleTexts(12)
    const records = recordsOf([...texts, `  ${texts[4]!.toUpperCase()} `, texts[4]!])
    const chosen = chooseRecords(records, [DATANET], 0.2)
    expect(chosen.records.map(({ digest }) => digest)).toEqual(records.slice(0, 12).map(({ digest }) => digest))
    expect(chosen.clusters[4]!.members).toHaveLength(3)
    expect(new Set(chosen.records.map(({ split }) => split))).toEqual(new Set(['train', 'validation']))
  })

  it('lists Datanets by ascending id', () => {
    const { datanets } = chooseRecords(recordsOf(sampleTexts(4)), [DATANET, { ...other, licenceFlags: 3 }], 0.2)
    expect(datanets).toEqual([other, { id: DATANET.id, version: DATANET.version, asOfBlock: DATANET.asOfBlock }])
  })

  it.each([
    ['an empty Datanet', [], [DATANET], 'training.no_records'],
    ['no Datanet', recordsOf(sampleTexts(3)), [], 'training.no_records'],
    ['a single record', recordsOf(sampleTexts(1)), [DATANET], 'training.too_few_records'],
    [
      'copies of a single record',
      recordsOf(['copied text', 'copied text', 'COPIED text']),
      [DATANET],
      'training.too_few_records',
    ],
    ['a record of another Datanet', recordsOf(sampleTexts(3), other), [DATANET], 'training.record_foreign'],
    ['a record of a later version', recordsOf(sampleTexts(3)), [{ ...DATANET, version: 2 }], 'training.record_foreign'],
  ])('%s is refused', (_, records, datanets, code) => {
    expect(() => chooseRecords(records, datanets, 0.2)).toThrow(expect.objectContaining({ code }))
  })
})
