/**
 * Text to tokens and back, from Hugging Face's `tokenizer.json` and `tokenizer_config.json`.
 *
 * Special tokens are given by their ids only. Their names within a text are text like any other, so a record or a prompt
 * that spells `<|endoftext|>` cannot end anything. The one exception is what a chat template writes (chat.ts).
 */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { LanguageModelError } from './error.ts'
import { parseJsonFile, textOfFile } from './json-file.ts'
import { type AddedToken, continuationOf, isObject, readTokenizerFile, tokenizerInvalid } from './tokenizer-file.ts'

export type EncodedText = {
  ids: number[]
  /** Where each token lies in the text: `[start, end)` in UTF-16 units; a token that splits a character spans it. */
  offsets: [start: number, end: number][]
}

/** The special tokens that a configuration names; a template may write them. */
export type NamedTokens = Partial<Record<(typeof NAMED_TOKENS)[number], string>>
const NAMED_TOKENS = ['bos_token', 'eos_token', 'unk_token', 'pad_token'] as const

/** Files that a tokenizer is read from; the last one may be missing. */
export const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja'] as const

export class Tokenizer {
  /** One more than the highest id. */
  readonly vocabSize: number
  /** Begins a text; the end of the text before it, where the model has no token of its own for that (Qwen). */
  readonly bosId: number
  /** Ends a text. */
  readonly eosId: number
  /** The Jinja template for conversations, where there is one. */
  readonly chatTemplate: string | undefined
  readonly namedTokens: NamedTokens
  readonly #tokenizer: HuggingFaceTokenizer
  /** Tokenizes text that follows other text. */
  readonly #continuation: HuggingFaceTokenizer
  readonly #specialIds: ReadonlySet<number>
  readonly #special: ReadonlyMap<string, number>

  private constructor({ json, special, config, chatTemplate }: Parts) {
    this.#tokenizer = build(json)
    const continuation = continuationOf(json)
    this.#continuation = continuation === undefined ? this.#tokenizer : build(continuation)
    this.#specialIds = new Set(special.map(({ id }) => id))
    this.#special = new Map(special.map(({ content, id }) => [content, id]))
    this.namedTokens = namedTokens(config)
    const idOf = (field: 'bos_token' | 'eos_token') => {
      const id = this.#special.get(this.namedTokens[field] ?? '')
      if (id === undefined) throw tokenizerInvalid(`tokenizer_config.json names no known ${field}`)
      return id
    }
    this.eosId = idOf('eos_token')
    this.bosId = this.namedTokens.bos_token === undefined ? this.eosId : idOf('bos_token')
    this.chatTemplate = chatTemplate
    let highest = -1
    for (const id of this.#tokenizer.get_vocab(true).values()) highest = Math.max(highest, id)
    for (const id of this.#specialIds) highest = Math.max(highest, id)
    this.vocabSize = highest + 1
  }

  /**
   * @param tokenizerJson parsed `tokenizer.json`
   * @param configJson    parsed `tokenizer_config.json`
   * @param chatTemplate  of `chat_template.jinja`, which goes before the one in the configuration
   * @throws {LanguageModelError} `tokenizer.invalid`, `tokenizer.unsupported`
   */
  static parse(tokenizerJson: unknown, configJson: unknown, chatTemplate?: string): Tokenizer {
    const { added, json } = readTokenizerFile(tokenizerJson)
    if (!isObject(configJson)) throw tokenizerInvalid('tokenizer_config.json is no object')
    refuseUnknownTokens(configJson, added)
    return new Tokenizer({
      json,
      special: added.filter(({ special }) => special),
      config: configJson,
      chatTemplate: chatTemplate ?? templateOf(configJson),
    })
  }

  /**
   * @param fileOf bytes of a file of TOKENIZER_FILES; undefined for one that is missing
   * @throws {LanguageModelError} as `parse`, and `model.file_malformed`, `model.file_too_large`
   */
  static fromFiles(fileOf: (name: (typeof TOKENIZER_FILES)[number]) => Uint8Array | undefined): Tokenizer {
    const json = (name: 'tokenizer.json' | 'tokenizer_config.json') => {
      const bytes = fileOf(name)
      if (bytes === undefined) throw tokenizerInvalid(`there is no ${name}`)
      return parseJsonFile(name, bytes)
    }
    const template = fileOf('chat_template.jinja')
    return Tokenizer.parse(
      json('tokenizer.json'),
      json('tokenizer_config.json'),
      template && textOfFile('chat_template.jinja', template),
    )
  }

  /** The tokens of `text`, without a beginning or an end. */
  encode(text: string): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: false }).ids
  }

  /**
   * The tokens of `text` and where they lie in it.
   *
   * @throws {LanguageModelError} `tokenizer.unsupported` unless the tokens spell the text's bytes one by one
   */
  encodeWithOffsets(text: string): EncodedText {
    const { ids, tokens }: { ids: number[]; tokens: string[] } = this.#tokenizer.encode(text, {
      add_special_tokens: false,
    })
    const unitOfByte = unitsByByte(text)
    const bytes = unitOfByte.length - 1
    const isSpelled = tokens.join('') === byteLetters(text)
    let position = 0
    const offsets = tokens.map((token): [number, number] => {
      const first = position
      position += token.length // each character of a byte-level token stands for one byte
      const lastByte = Math.min(position, bytes) - 1
      return [unitOfByte[first] ?? text.length, characterEnd(text, unitOfByte[Math.max(lastByte, 0)] ?? 0)]
    })
    if (!isSpelled) {
      throw new LanguageModelError(
        'tokenizer.unsupported',
        'Offsets need a byte-level tokenizer that changes no text.',
        {
          facts: { textBytes: bytes, tokenBytes: position },
          nextStep: 'Use a model whose tokenizer.json is byte-level BPE without a normalizer.',
        },
      )
    }
    return { ids, offsets }
  }

  /**
   * The text of tokens; special ones are left out, and so are ids without a token, of which a model may have some. Bytes
   * that are no UTF-8 yet become U+FFFD.
   */
  decode(ids: readonly number[]): string {
    const plain = ids.filter((id) => !this.#specialIds.has(id) && this.#tokenizer.id_to_token(id) !== undefined)
    if (plain.length === 0) return '' // which the library refuses
    return this.#tokenizer.decode(plain, { skip_special_tokens: false, clean_up_tokenization_spaces: false })
  }

  /**
   * The tokens of a text in which the names of special tokens stand for these.
   *
   * @param textOf what a stretch between them stands for
   */
  encodeWithSpecials(text: string, textOf: (stretch: string) => string): number[] {
    const names = [...this.#special.keys()].sort((a, b) => b.length - a.length)
    if (names.length === 0) return this.encode(textOf(text))
    const ids: number[] = []
    let isFirst = true
    for (const stretch of text.split(new RegExp(`(${names.map(escapeRegExp).join('|')})`, 'u'))) {
      if (stretch === '') continue
      const special = this.#special.get(stretch)
      const tokenizer = isFirst ? this.#tokenizer : this.#continuation
      if (special !== undefined) ids.push(special)
      else ids.push(...tokenizer.encode(textOf(stretch), { add_special_tokens: false }).ids)
      isFirst = false
    }
    return ids
  }

  /** Names of the special tokens. */
  get specialNames(): readonly string[] {
    return [...this.#special.keys()]
  }

  isSpecial(id: number): boolean {
    return this.#specialIds.has(id)
  }
}

/** For each UTF-8 byte of `text`, the UTF-16 index of its character; one entry more for the end. */
function unitsByByte(text: string): number[] {
  const units: number[] = []
  let unit = 0
  for (const character of text) {
    const code = character.codePointAt(0)!
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
    for (let i = 0; i < bytes; i++) units.push(unit)
    unit += character.length
  }
  units.push(unit)
  return units
}

function characterEnd(text: string, unit: number): number {
  const code = text.codePointAt(unit)
  return code === undefined ? unit : unit + (code > 0xffff ? 2 : 1)
}

function escapeRegExp(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}/]/g, '\\$&')
}

/** Each byte of a text as the letter that byte-level tokens have for it. */
function byteLetters(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => LETTER_OF_BYTE[byte]).join('')
}

/** GPT-2's letters for bytes: printable ones stand for themselves, the rest from U+0100 on. */
const LETTER_OF_BYTE: readonly string[] = (() => {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    return String.fromCharCode(isPrintable ? byte : next++)
  })
})()

type Parts = {
  json: Record<string, unknown>
  special: AddedToken[]
  config: Record<string, unknown>
  chatTemplate: string | undefined
}

function build(json: Record<string, unknown>): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(json, {})
  } catch (cause) {
    throw tokenizerInvalid('the tokenizer cannot be built', {}, cause)
  }
}

function namedTokens(config: Record<string, unknown>): NamedTokens {
  const named: NamedTokens = {}
  for (const field of NAMED_TOKENS) {
    const value = config[field] ?? undefined
    const content = isObject(value) ? value.content : value
    if (content === undefined) continue
    if (typeof content !== 'string') throw tokenizerInvalid(`the ${field} of tokenizer_config.json is malformed`)
    named[field] = content
  }
  return named
}

/** One template, or several by name, of which the default one is meant for conversations. */
function templateOf({ chat_template: template }: Record<string, unknown>): string | undefined {
  if (template === undefined || template === null) return undefined
  if (typeof template === 'string') return template
  const named: unknown[] = Array.isArray(template) ? template : []
  const byDefault = named.find((one) => isObject(one) && one.name === 'default')
  if (isObject(byDefault) && typeof byDefault.template === 'string') return byDefault.template
  throw tokenizerInvalid('the chat_template of tokenizer_config.json is malformed')
}

/** transformers adds what the configuration lists and tokenizer.json lacks: then the two do not belong together. */
function refuseUnknownTokens(config: Record<string, unknown>, added: readonly AddedToken[]): void {
  const listed = config.added_tokens_decoder ?? {}
  if (!isObject(listed)) throw tokenizerInvalid('added_tokens_decoder is malformed')
  const contentOf = new Map(added.map(({ content, id }) => [String(id), content]))
  for (const [id, token] of Object.entries(listed)) {
    if (!isObject(token) || contentOf.get(id) !== token.content) {
      throw tokenizerInvalid('tokenizer_config.json adds a token that tokenizer.json does not', { id })
    }
  }
}
