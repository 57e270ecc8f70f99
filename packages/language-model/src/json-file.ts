/** JSON files of a model, read so that no file can hold up its reader: size and depth are known before it is parsed. */
import { LanguageModelError } from './error.ts'
import { duplicateKey } from './json-keys.ts'

const MIB = 1 << 20

/** Several times what the largest models in use need. */
const MAX_BYTES: Record<string, number> = {
  'tokenizer.json': 64 * MIB,
  'tokenizer_config.json': 4 * MIB,
  'model.safetensors.index.json': 8 * MIB,
}
const MAX_BYTES_OF_OTHERS = MIB

/** No file of a model is deeper than a dozen levels. */
const MAX_DEPTH = 64

/** Files that are not larger are searched for keys that stand twice; a vocabulary would take too long. */
const MAX_SEARCHED_BYTES = 8 * MIB

/**
 * @param name of the file: decides how large it may be
 * @throws {LanguageModelError} `model.file_too_large`, `model.file_malformed`
 */
export function parseJsonFile(name: string, bytes: Uint8Array): unknown {
  const text = textOfFile(name, bytes)
  if (isTooDeep(bytes)) throw malformed(name, `it is nested more than ${MAX_DEPTH} levels deep`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw malformed(name, 'it is not JSON', cause)
  }
  const repeated = bytes.length <= MAX_SEARCHED_BYTES ? duplicateKey(text) : undefined
  if (repeated !== undefined) throw malformed(name, `it has the key ${JSON.stringify(repeated.slice(0, 100))} twice`)
  return json
}

/** @throws {LanguageModelError} `model.file_too_large`; `model.file_malformed` for what is no UTF-8 */
export function textOfFile(name: string, bytes: Uint8Array): string {
  const max = MAX_BYTES[name] ?? MAX_BYTES_OF_OTHERS
  if (bytes.length > max) {
    throw new LanguageModelError('model.file_too_large', 'A file of the model is larger than such a file can be.', {
      facts: { file: name, bytes: bytes.length, max },
      nextStep: 'Get the file again.',
    })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw malformed(name, 'it is not UTF-8', cause)
  }
}

/** Counts brackets outside strings; quotes and brackets are single bytes in UTF-8. */
function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0
  let isString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (isString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) isString = false
    } else if (byte === 0x22) isString = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MAX_DEPTH) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}

function malformed(name: string, why: string, cause?: unknown): LanguageModelError {
  return new LanguageModelError('model.file_malformed', `A file of the model is refused: ${why}.`, {
    facts: { file: name },
    nextStep: 'Get the file again.',
    cause,
  })
}
