import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskContentStore } from '@openledger/content-store'
import type { Tokenizer } from '@openledger/language-model'
import { digestOf } from '@openledger/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchBaseModel } from '../base-model.ts'
import { sampleTexts } from '../testing/records.ts'
import { putTinyBase } from '../testing/tiny-base.ts'
import { licenceFits } from './licences.ts'
import { findPersonalData } from './pii.ts'
import { checkRows, type RawRecord } from './preflight.ts'

const DATANET = `0x${'d1'.repeat(32)}` as const

let folder: string
let tokenizer: Tokenizer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-preflight-'))
  const store = new DiskContentStore(folder)
  tokenizer = (await fetchBaseModel(store, await putTinyBase(store))).tokenizer
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function raw(contents: readonly (string | Uint8Array | null)[], licence = 'CC0-1.0'): RawRecord[] {
  return contents.map((content, order) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    return {
      digest: digestOf(bytes ?? new TextEncoder().encode(`missing ${order}`)),
      datanet: DATANET,
      contributionId: `${DATANET}-1`,
      contributor: `0x${'1'.padStart(40, '0')}`,
      licence,
      place: [1, 0, order],
      order,
      bytes,
    }
  })
}

const check = (records: RawRecord[], change: Partial<Parameters<typeof checkRows>[1]> = {}) =>
  checkRows(records, { tokenizer, contextTokens: 4_000, licence: 'CC0-1.0', isCommercial: true, ...change })

describe('a preflight', () => {
  it('uses what is unlike, and says its tokens and its cluster', () => {
    const { rows, counts, readable } = check(raw(sampleTexts(5)))
    expect(counts).toEqual({ records: 5, used: 5, leftOut: 0, flagged: 0, exactCopies: 0, nearCopies: 0 })
    expect(readable).toHaveLength(5)
    for (const row of rows) expect(row).toMatchObject({ verdict: 'USED', reasons: [], cluster: row.digest })
    expect(rows[0]!.tokens).toBe(sampleTexts(1)[0]!.length + 2)
  })

  it.each<[string, string | Uint8Array | null, string]>([
    ['is missing', null, 'the content store does not have it'],
    ['is no UTF-8', Uint8Array.of(0xff, 0xfe, 0x41), 'it is not UTF-8'],
    ['is empty', ' \n', 'it is empty'],
  ])('leaves a row out that %s, with the reason', (_, content, reason) => {
    const { rows, counts } = check(raw([...sampleTexts(2), content]))
    expect(rows[2]).toMatchObject({ verdict: 'LEFT_OUT', reasons: [reason], cluster: null, tokens: null })
    expect(counts).toMatchObject({ used: 2, leftOut: 1 })
  })

  it('takes copies and near copies once: the first on chain stands for them', () => {
    const text = `${sampleTexts(8).join(' and ')} which is long enough to be told apart`
    const { rows, counts } = check(raw([text, text, `${text}!`]))
    expect(rows.map(({ verdict }) => verdict)).toEqual(['USED', 'LEFT_OUT', 'LEFT_OUT'])
    expect(rows.map(({ cluster }) => cluster)).toEqual([rows[0]!.digest, rows[0]!.digest, rows[0]!.digest])
    expect(rows[1]!.reasons).toEqual(['an exact copy of an earlier record'])
    expect(rows[2]!.reasons[0]).toContain('that one was first')
    expect(counts).toMatchObject({ exactCopies: 1, nearCopies: 1 })
  })

  it('flags what a person should see: personal data, a cut end, binary, a foreign language', () => {
    const english = Array.from(
      { length: 12 },
      (_, i) => `The ${i}th sentence of this collection is written in plain English, as all of the others are too.`,
    )
    const german =
      'Dieser eine Satz ist auf Deutsch geschrieben worden, und das soll jemand sehen, bevor damit gelernt wird.'
    const { rows } = check(raw([...english, german, 'Write to jane@example.com', 'a\u0000b', '7'.repeat(300)]), {
      contextTokens: 200,
    })
    const flagged = rows.filter(({ verdict }) => verdict === 'FLAGGED').map(({ reasons }) => reasons)
    expect(flagged).toEqual([
      ['its language seems to be deu, that of most is eng'],
      ['personal data or a secret: email address'],
      ['it holds NUL characters, as binary files do'],
      ['it is longer than the context: 101 of 301 tokens are cut off'],
    ])
  })

  it('leaves out what its licence forbids', () => {
    const { rows, counts } = check(raw(sampleTexts(2), 'CC-BY-NC-4.0'))
    expect(counts).toMatchObject({ used: 0, leftOut: 2 })
    expect(rows[0]!.reasons).toEqual(['CC-BY-NC-4.0 allows no commercial use'])
  })
})

describe('licences', () => {
  it.each<[records: string, model: string, isCommercial: boolean, verdict: string]>([
    ['MIT', 'CC0-1.0', true, 'fits'],
    ['CC-BY-4.0', 'MIT', true, 'fits'],
    ['CC-BY-ND-4.0', 'MIT', false, 'forbids'],
    ['CC-BY-NC-SA-4.0', 'MIT', false, 'fits'],
    ['CC-BY-NC-4.0', 'MIT', true, 'forbids'],
    ['GPL-3.0-or-later', 'MIT', true, 'forbids'],
    ['GPL-3.0-or-later', 'GPL-3.0-or-later', true, 'fits'],
    ['GPL-3.0-only AND CC-BY-SA-4.0', 'GPL-3.0-only', true, 'forbids'],
    ['GPL-3.0-only OR MIT', 'MIT', true, 'fits'],
    ['LicenseRef-Mine', 'MIT', true, 'unknown'],
    ['MIT AND LicenseRef-Mine', 'MIT', true, 'unknown'],
  ])('%s in a model under %s, commercial %s: %s', (records, model, isCommercial, verdict) => {
    expect(licenceFits(records, model, isCommercial).verdict).toBe(verdict)
  })
})

describe('personal data', () => {
  it.each<[string, string[]]>([
    ['write to a.b+c@mail.example.org', ['email address']],
    ['call +44 20 7946 0958', ['telephone number']],
    ['4111 1111 1111 1111 is a test card', ['payment card']],
    ['4111 1111 1111 1112 has a wrong check digit', []],
    ['0000 0000 0000 0000', []],
    ['DE89 3704 0044 0532 0130 00', ['IBAN']],
    ['DE89 3704 0044 0532 0130 01', []],
    ['078-05-1120', ['US social security number']],
    ['-----BEGIN RSA PRIVATE KEY-----', ['private key']],
    ['version 1.2.3, 2024-10-12, 192.168.0.1, 3.14159265358979', []],
  ])('%s', (text, found) => {
    expect(findPersonalData(text)).toEqual(found)
  })

  it('takes no time over a long line', () => {
    expect(findPersonalData(`${'1-'.repeat(200_000)}${'a@'.repeat(100_000)}`)).toEqual([])
  })
})
