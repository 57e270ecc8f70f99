/**
 * A record as it is trained on and as attribution must read it, whatever its format: plain text, or a JSON row whose
 * columns are put into templates for what is given and what is to be learned.
 */
import type { Example } from './batch.ts'
import { LanguageModelError } from './error.ts'
import { readRow } from './json-row.ts'
import { recordTokens } from './record-tokens.ts'
import type { Tokenizer } from './tokenizer.ts'

export type RecordFormat = {
  contextTokens: number
  /** With `{column}` where a row's column goes, for example "### Question\n{question}\n### Answer\n"; "" for plain text. */
  promptTemplate?: string | undefined
  /** The same for what is to be answered; "" for plain text. */
  completionTemplate?: string | undefined
  /** Whether the prompt is learned too; the completion alone is when left out. */
  learnsPrompt?: boolean | undefined
}

/**
 * At most `contextTokens` tokens are predicted or read. Of a row that is too long the prompt's beginning is left out, for
 * without a completion there is nothing to learn; then the completion's end.
 *
 * @throws {LanguageModelError} `model.row_invalid` for a record that is no row, or lacks a column that a template names
 */
export function recordExample(tokenizer: Tokenizer, text: string, format: RecordFormat): Example {
  const { completionTemplate = '', contextTokens, learnsPrompt = false, promptTemplate = '' } = format
  if (completionTemplate === '') return { tokens: recordTokens(tokenizer, text, contextTokens), given: 1 }
  const row = readRow(new TextEncoder().encode(text))
  const prompt = tokenizer.encode(fill(promptTemplate, row))
  const completion = [...tokenizer.encode(fill(completionTemplate, row)), tokenizer.eosId].slice(0, contextTokens)
  const room = contextTokens - completion.length
  const kept = room === 0 ? [] : prompt.slice(-room)
  return { tokens: [tokenizer.bosId, ...kept, ...completion], given: learnsPrompt ? 1 : 1 + kept.length }
}

/** The columns that a template names. */
export function templateColumns(template: string): string[] {
  return [...new Set([...template.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name!))]
}

function fill(template: string, row: Readonly<Record<string, string>>): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = row[name]
    if (value !== undefined) return value
    throw new LanguageModelError('model.row_invalid', 'This record lacks a column that the template names.', {
      facts: { column: name.slice(0, 80), columns: Object.keys(row).join(', ').slice(0, 200) },
      nextStep: 'Name its columns in the template, or leave the record out.',
    })
  })
}
