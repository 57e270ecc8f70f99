/** Reads the fields of a `config.json`, one by one; null counts as left out, as in transformers. */
import { describeValue } from './describe-value.ts'
import { LanguageModelError } from './error.ts'

export type Fields = Readonly<Record<string, unknown>>

/** @throws {LanguageModelError} `model.config_invalid` unless it is an object */
export function fieldsOf(json: unknown, field: string): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw configInvalid(field, 'an object', json)
  return json as Fields
}

/** An integer from 1 to `max`. */
export function count(fields: Fields, field: string, max: number, fallback?: number): number {
  const value = fields[field] ?? fallback
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > max) {
    throw configInvalid(field, `an integer from 1 to ${max}`, value)
  }
  return value as number
}

export function positive(fields: Fields, field: string, fallback?: number): number {
  const value = fields[field] ?? fallback
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
    throw configInvalid(field, 'a number above 0', value)
  }
  return value
}

export function flag(fields: Fields, field: string, fallback: boolean): boolean {
  const value = fields[field] ?? fallback
  if (typeof value !== 'boolean') throw configInvalid(field, 'true or false', value)
  return value
}

export function configInvalid(field: string, expected: string, value: unknown): LanguageModelError {
  return new LanguageModelError('model.config_invalid', `The model's ${field} is not ${expected}.`, {
    facts: { field, expected, value: describeValue(value) },
    nextStep: 'Use the config.json that belongs to the model.',
  })
}

/** For what is valid elsewhere and would give other numbers than the graphs here. */
export function configUnsupported(field: string, value: unknown): LanguageModelError {
  return new LanguageModelError('model.config_unsupported', `The model's ${field} is one that is not computed here.`, {
    facts: { field: field.slice(0, 100), value: describeValue(value) },
    nextStep: 'Choose a LLaMA, Mistral, Qwen2, Qwen3 or SmolLM model, neither quantised nor with code of its own.',
  })
}
