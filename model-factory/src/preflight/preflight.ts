/**
 * What will be trained on, row by row and with reasons, before anything is spent.
 *
 * A row is LEFT_OUT where it cannot or must not be trained on, or says what an earlier one says; FLAGGED where it is
 * trained on but a person should look; USED otherwise. Text only: other modalities have checks of their own.
 */
import { type ClusterRecord, clusterRecords } from '@openledger/clusters'
import { recordTokens, type Tokenizer } from '@openledger/language-model'
import type { Digest } from '@openledger/protocol'
import { franc } from 'franc-min'
import { licenceFits } from './licences.ts'
import { findPersonalData } from './pii.ts'

export type PreflightVerdict = 'USED' | 'LEFT_OUT' | 'FLAGGED'

export type PreflightRow = {
  digest: Digest
  datanet: `0x${string}`
  contributionId: string
  contributor: `0x${string}`
  verdict: PreflightVerdict
  reasons: string[]
  /** The record that stands for all that say the same; null for a row that is not read. */
  cluster: Digest | null
  /** Null for a row that is not read. */
  tokens: number | null
  /** ISO 639-3; null where the text is too short to tell. */
  language: string | null
}

export type RawRecord = Omit<ClusterRecord, 'text'> & {
  datanet: `0x${string}`
  /** SPDX expression of its contribution. */
  licence: string
  /** Block, log index, index in its manifest: its place on chain among records of all Datanets. */
  place: readonly [number, number, number]
  /** Null where the content store does not have it. */
  bytes: Uint8Array | null
}

export type PreflightCounts = {
  records: number
  used: number
  leftOut: number
  flagged: number
  exactCopies: number
  nearCopies: number
}

/** Texts shorter than this are not asked for their language: a guess would be noise. */
const LANGUAGE_LETTERS = 60
/** Characters of a text that are looked at for its language. */
const LANGUAGE_SAMPLE = 2_000
/** A language that so few of the readable texts have is foreign here. */
const FOREIGN_SHARE = 0.1

export function checkRows(
  records: readonly RawRecord[],
  terms: { tokenizer: Tokenizer; contextTokens: number; licence: string; isCommercial: boolean },
): { rows: PreflightRow[]; readable: ClusterRecord[]; counts: PreflightCounts } {
  const checked = records.map((record) => checkOne(record, terms))
  const readable = checked.flatMap(({ row, text }, i) => {
    if (text === null || row.verdict === 'LEFT_OUT') return []
    const { digest, contributionId, contributor, order } = records[i]!
    return [{ digest, contributionId, contributor, order, text }]
  })
  const rows = checked.map(({ row }) => row)
  const counts = markCopies(rows, readable)
  flagForeign(rows)
  const having = (verdict: PreflightVerdict) => rows.filter((row) => row.verdict === verdict).length
  return {
    rows,
    readable,
    counts: {
      records: rows.length,
      used: having('USED'),
      leftOut: having('LEFT_OUT'),
      flagged: having('FLAGGED'),
      ...counts,
    },
  }
}

function checkOne(
  { datanet, digest, contributionId, contributor, licence, bytes }: RawRecord,
  { tokenizer, contextTokens, licence: modelLicence, isCommercial }: Parameters<typeof checkRows>[1],
): { row: PreflightRow; text: string | null } {
  const row: PreflightRow = {
    digest,
    datanet,
    contributionId,
    contributor,
    verdict: 'USED',
    reasons: [],
    cluster: null,
    tokens: null,
    language: null,
  }
  const leaveOut = (reason: string) => {
    row.verdict = 'LEFT_OUT'
    row.reasons.push(reason)
  }
  const flag = (reason: string) => {
    if (row.verdict === 'USED') row.verdict = 'FLAGGED'
    row.reasons.push(reason)
  }
  const licenceFinding = licenceFits(licence, modelLicence, isCommercial)
  if (licenceFinding.verdict === 'forbids') leaveOut(licenceFinding.reason!)
  if (licenceFinding.verdict === 'unknown') flag(licenceFinding.reason!)
  const text = bytes === null ? null : decode(bytes)
  if (bytes === null) leaveOut('the content store does not have it')
  else if (text === null) leaveOut('it is not UTF-8')
  else if (text.trim() === '') leaveOut('it is empty')
  if (text === null || row.verdict === 'LEFT_OUT') return { row, text: null }

  if (text.includes('\u0000')) flag('it holds NUL characters, as binary files do')
  if (text.includes('\uFFFD')) flag('it holds replacement characters: an earlier conversion lost something')
  const encoded = tokenizer.encode(text).length
  row.tokens = recordTokens(tokenizer, text, contextTokens).length
  if (encoded + 1 > contextTokens)
    flag(`it is longer than the context: ${encoded + 1 - contextTokens} of ${encoded + 1} tokens are cut off`)
  for (const found of findPersonalData(text)) flag(`personal data or a secret: ${found}`)
  row.language = languageOf(text)
  return { row, text }
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function languageOf(text: string): string | null {
  const sample = text.slice(0, LANGUAGE_SAMPLE)
  if ((sample.match(/\p{L}/gu)?.length ?? 0) < LANGUAGE_LETTERS) return null
  const found = franc(sample)
  return found === 'und' ? null : found
}

/** All but the first of each cluster are left out. */
function markCopies(
  rows: PreflightRow[],
  readable: readonly ClusterRecord[],
): { exactCopies: number; nearCopies: number } {
  let exactCopies = 0
  let nearCopies = 0
  const places = new Map<string, number[]>()
  for (const [i, row] of rows.entries()) {
    if (row.verdict === 'LEFT_OUT') continue
    const key = `${row.contributionId} ${row.digest}`
    places.set(key, [...(places.get(key) ?? []), i])
  }
  for (const { canonical, members } of readable.length === 0 ? [] : clusterRecords(readable)) {
    for (const [place, { contributionId, digest }] of members.entries()) {
      const row = rows[places.get(`${contributionId} ${digest}`)!.shift()!]!
      row.cluster = canonical
      if (place === 0) continue
      row.verdict = 'LEFT_OUT'
      const isExact = digest === canonical
      if (isExact) exactCopies++
      else nearCopies++
      row.reasons.push(
        isExact
          ? 'an exact copy of an earlier record'
          : `says what ${canonical.slice(0, 10)}… says; that one was first`,
      )
    }
  }
  return { exactCopies, nearCopies }
}

/** Where most texts are of one language, the few others are worth a look. */
function flagForeign(rows: readonly PreflightRow[]): void {
  const told = rows.filter(({ language, verdict }) => language !== null && verdict !== 'LEFT_OUT')
  const counts = new Map<string, number>()
  for (const { language } of told) counts.set(language!, (counts.get(language!) ?? 0) + 1)
  const [main] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? []
  for (const row of told) {
    if (row.language === main || counts.get(row.language!)! > told.length * FOREIGN_SHARE) continue
    if (row.verdict === 'USED') row.verdict = 'FLAGGED'
    row.reasons.push(`its language seems to be ${row.language}, that of most is ${main}`)
  }
}
