/** JSON files of a model, read so that no file can hold up its reader: size and depth are known before it is parsed. */
import { LanguageModelError } from './error.ts'
import { duplicateKey } from './json-keys.ts'

const MIB = 1 << 20

type Limits = {
  bytes: number
  /** Values of all objects and lists together. */
  elements: number
}

/** Above what the largest models of the families here need: 128,000 tokens make 17 MiB and a million elements. */
const LIMITS: Record<string, Limits> = {
  'tokenizer.json': { bytes: 32 * MIB, elements: 2 << 20 },
  'tokenizer_config.json': { bytes: 4 * MIB, elements: 1 << 16 },
  'model.safetensors.index.json': { bytes: 8 * MIB, elements: 1 << 16 },
}
const LIMITS_OF_OTHERS: Limits = { bytes: MIB, elements: 1 << 16 }

/** No file of a model is deeper than a dozen levels. */
const MAX_DEPTH = 64

/**
 * @param name of the file: decides how large it may be
 * @throws {LanguageModelError} `model.file_too_large`, `model.file_malformed`
 */
export function parseJsonFile(name: string, bytes: Uint8Array): unknown {
  const text = textOfFile(name, bytes)
  const { elements } = LIMITS[name] ?? LIMITS_OF_OTHERS
  if (!isModest(bytes, elements)) throw malformed(name, `it has more than ${elements} values or ${MAX_DEPTH} levels`)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw malformed(name, 'it is not JSON', cause)
  }
  const repeated = duplicateKey(text)
  if (repeated !== undefined) throw malformed(name, `it has the key ${JSON.stringify(repeated.slice(0, 100))} twice`)
  return json
}

/** @throws {LanguageModelError} `model.file_too_large`; `model.file_malformed` for what is no UTF-8 */
export function textOfFile(name: string, bytes: Uint8Array): string {
  const { bytes: max } = LIMITS[name] ?? LIMITS_OF_OTHERS
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

/** Whether a JSON text has few values and few levels, told without parsing it: all that counts are single bytes. */
export function isModest(json: Uint8Array, maxElements: number): boolean {
  let depth = 0
  let elements = 0
  let isString = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (isString) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) isString = false
    } else if (byte === QUOTE) isString = true
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH || ++elements > maxElements) return false
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
    else if (byte === COMMA && ++elements > maxElements) return false
  }
  return true
}

const [QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x2c, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d,
]

function malformed(name: string, why: string, cause?: unknown): LanguageModelError {
  return new LanguageModelError('model.file_malformed', `A file of the model is refused: ${why}.`, {
    facts: { file: name },
    nextStep: 'Get the file again.',
    cause,
  })
}
