/**
 * Text to tokens and back, from Hugging Face's `tokenizer.json` and `tokenizer_config.json`.
 *
 * Special tokens are given by their ids only. Their names within a text are text like any other, so a record or a prompt
 * that spells `<|endoftext|>` cannot end anything.
 */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { LanguageModelError } from './error.ts'

export type EncodedText = {
  ids: number[]
  /** Where each token lies in the text: `[start, end)` in UTF-16 units; a token that splits a character spans it. */
  offsets: [start: number, end: number][]
}

type AddedToken = { id: number; content: string; special: boolean }

export class Tokenizer {
  /** One more than the highest id. */
  readonly vocabSize: number
  /** Begins a text. */
  readonly bosId: number
  /** Ends a text. */
  readonly eosId: number
  /** The Jinja template of `tokenizer_config.json`, where there is one. */
  readonly chatTemplate: string | undefined
  readonly #tokenizer: HuggingFaceTokenizer
  readonly #specialIds: ReadonlySet<number>

  private constructor(tokenizer: HuggingFaceTokenizer, special: AddedToken[], config: Record<string, unknown>) {
    this.#tokenizer = tokenizer
    this.#specialIds = new Set(special.map(({ id }) => id))
    const idOf = (field: string) => {
      const named = config[field]
      const content = typeof named === 'string' ? named : (named as { content?: unknown } | undefined)?.content
      const token = special.find((one) => one.content === content)
      if (token === undefined) throw invalid(`tokenizer_config.json names no known ${field}`)
      return token.id
    }
    this.bosId = idOf('bos_token')
    this.eosId = idOf('eos_token')
    this.chatTemplate = typeof config.chat_template === 'string' ? config.chat_template : undefined
    const ids = [...tokenizer.get_vocab(true).values(), ...this.#specialIds]
    this.vocabSize = ids.reduce((highest, id) => Math.max(highest, id), -1) + 1
  }

  /**
   * @param tokenizerJson parsed `tokenizer.json`
   * @param configJson    parsed `tokenizer_config.json`
   * @throws {LanguageModelError} `tokenizer.invalid`
   */
  static parse(tokenizerJson: unknown, configJson: unknown): Tokenizer {
    if (!isObject(tokenizerJson) || !isObject(tokenizerJson.model)) throw invalid('tokenizer.json describes no model')
    if (!isObject(configJson)) throw invalid('tokenizer_config.json is no object')
    const added = tokenizerJson.added_tokens ?? []
    if (!Array.isArray(added) || !added.every(isAddedToken)) throw invalid('added_tokens are malformed')
    const plain = { ...tokenizerJson, added_tokens: added.filter(({ special }) => !special) }
    let tokenizer: HuggingFaceTokenizer
    try {
      tokenizer = new HuggingFaceTokenizer(plain, { ...configJson, chat_template: undefined })
    } catch (cause) {
      throw invalid('the tokenizer cannot be built', cause)
    }
    return new Tokenizer(
      tokenizer,
      added.filter(({ special }) => special),
      configJson,
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
    let position = 0
    const offsets = tokens.map((token): [number, number] => {
      const first = position
      position += token.length // each character of a byte-level token stands for one byte
      const lastByte = Math.min(position, bytes) - 1
      return [unitOfByte[first] ?? text.length, characterEnd(text, unitOfByte[Math.max(lastByte, 0)] ?? 0)]
    })
    if (position !== bytes) {
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

  /** The text of tokens; special ones are left out. Bytes that are no UTF-8 yet become U+FFFD. */
  decode(ids: readonly number[]): string {
    const plain = ids.filter((id) => !this.#specialIds.has(id))
    if (plain.length === 0) return '' // which the library refuses
    return this.#tokenizer.decode(plain, { skip_special_tokens: false, clean_up_tokenization_spaces: false })
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isAddedToken(value: unknown): value is AddedToken {
  return (
    isObject(value) &&
    Number.isInteger(value.id) &&
    typeof value.content === 'string' &&
    typeof value.special === 'boolean'
  )
}

function invalid(why: string, cause?: unknown): LanguageModelError {
  return new LanguageModelError('tokenizer.invalid', `The tokenizer is refused: ${why}.`, {
    nextStep: 'Use the tokenizer.json and tokenizer_config.json that belong to the model.',
    cause,
  })
}
