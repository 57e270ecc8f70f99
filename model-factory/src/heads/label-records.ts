import { readRow } from '@openledger/language-model'
import type { Digest, HeadRecipe } from '@openledger/protocol'
import { TrainingError } from '../error.ts'

/** A record of any modality with its title, as its contribution names it. */
export type MediaRecord = {
  digest: Digest
  bytes: Uint8Array
  title: string
  /** `<datanet id>-<version>` */
  contributionId: string
  contributor: `0x${string}`
  /** Place on chain: any number that is smaller for what was contributed earlier. */
  order: number
}

export type LabelledRecord = MediaRecord & {
  label: string
  /** What the extractor reads: the record, or one column of it. */
  content: Uint8Array
}

const LONGEST_LABEL = 128

/** @throws {TrainingError} `training.label_missing` for the first record that has none; or what `readRow` throws */
export function labelRecords(records: readonly MediaRecord[], recipe: HeadRecipe): LabelledRecord[] {
  return records.map((record) => {
    if (recipe.label === 'folder') {
      const { title, bytes } = record
      const end = title.indexOf('/')
      return { ...record, label: requireLabel(record, end < 0 ? '' : title.slice(0, end)), content: bytes }
    }
    const row = readRow(record.bytes)
    const text = row[recipe.textColumn]
    if (text === undefined) throw missing(record, `its row has no column "${recipe.textColumn}"`)
    const label = requireLabel(record, row[recipe.labelColumn] ?? '')
    return { ...record, label, content: new TextEncoder().encode(text) }
  })
}

function requireLabel(record: MediaRecord, label: string): string {
  const trimmed = label.trim()
  if (trimmed !== '' && trimmed.length <= LONGEST_LABEL) return trimmed
  throw missing(record, trimmed === '' ? 'it has none' : `it is longer than ${LONGEST_LABEL} characters`)
}

function missing({ digest, title }: MediaRecord, reason: string): TrainingError {
  return new TrainingError('training.label_missing', 'A record has no label that it could teach.', {
    facts: { digest, title: title.slice(0, 80), reason },
    nextStep: 'Title records "<label>/<name>", or give JSON rows with a label column, and contribute them again.',
  })
}
