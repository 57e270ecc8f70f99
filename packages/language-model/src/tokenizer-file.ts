/**
 * What a `tokenizer.json` may hold: byte-pair encoding as the families here use it, over bytes (GPT-2, Llama 3, Qwen,
 * SmolLM) or over characters with bytes to fall back on (Llama 2, Mistral).
 *
 * The library behind the tokenizer builds many more kinds and takes most nonsense without a word. So everything is
 * looked at first: a part that is not known here would give other tokens than the model was trained with, and a regular
 * expression from a stranger could take for ever.
 */
import { describeValue } from './describe-value.ts'
import { LanguageModelError } from './error.ts'

export type AddedToken = { id: number; content: string; special: boolean }

export type TokenizerFile = {
  /** What the library is built from. */
  json: Record<string, unknown>
  added: AddedToken[]
}

const MAX_TOKENS = 1 << 18
const MAX_MERGES = 1 << 19
const MAX_PARTS = 16

/** How texts are split before merging: these expressions and no others, for they are known to be quick. */
const SPLITS = new Set([
  // GPT-2
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  // Llama 3, SmolLM3
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  // Qwen2, Qwen3
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  // Mistral Nemo
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
])

/** Parts by their type, with the test of each of their settings; a setting that is not listed is refused. */
type Settings = Record<string, (value: unknown) => boolean>
const PARTS: Record<'normalizer' | 'pre_tokenizer' | 'decoder', Record<string, Settings>> = {
  normalizer: {
    NFC: {},
    Prepend: { prepend: isShortText },
    Replace: { pattern: isTextPattern, content: isShortText },
  },
  pre_tokenizer: {
    ByteLevel: { add_prefix_space: isFlag, trim_offsets: isFlag, use_regex: isFlag },
    Digits: { individual_digits: isFlag },
    Metaspace: {
      replacement: isShortText,
      prepend_scheme: (value) => ['always', 'first', 'never'].includes(value as string),
      add_prefix_space: isFlag,
      split: (value) => value === false, // the library never splits here
      str_rep: isShortText,
    },
    Split: {
      pattern: (value) => isTextPattern(value) || (isObject(value) && SPLITS.has(value.Regex as string)),
      behavior: (value) => value === 'Isolated',
      invert: (value) => value === false,
    },
  },
  decoder: {
    ByteFallback: {},
    ByteLevel: { add_prefix_space: isFlag, trim_offsets: isFlag, use_regex: isFlag },
    Fuse: {},
    Metaspace: {
      replacement: isShortText,
      prepend_scheme: (value) => ['always', 'first', 'never'].includes(value as string),
      add_prefix_space: isFlag,
      split: isFlag,
      str_rep: isShortText,
    },
    Replace: { pattern: isTextPattern, content: isShortText },
    Strip: { content: isShortText, start: isSmallCount, stop: isSmallCount },
  },
}

/** Names under which a Sequence keeps its parts. */
const MEMBERS = { normalizer: 'normalizers', pre_tokenizer: 'pretokenizers', decoder: 'decoders' } as const

/** Settings of the model that must be as they are here. */
const MODEL_SETTINGS: Settings = {
  type: (value) => value === 'BPE',
  vocab: isObject,
  merges: Array.isArray,
  dropout: (value) => value === 0,
  unk_token: isShortText,
  continuing_subword_prefix: (value) => value === '',
  end_of_word_suffix: (value) => value === '',
  fuse_unk: isFlag,
  byte_fallback: isFlag,
  ignore_merges: isFlag,
}

/**
 * @param json parsed `tokenizer.json`
 * @throws {LanguageModelError} `tokenizer.invalid` for what no tokenizer can be, `tokenizer.unsupported` for what those
 *   of the families here are not
 */
export function readTokenizerFile(json: unknown): TokenizerFile {
  if (!isObject(json) || !isObject(json.model)) throw tokenizerInvalid('tokenizer.json describes no model')
  const added = readAddedTokens(json.added_tokens ?? [])
  for (const place of ['normalizer', 'pre_tokenizer', 'decoder'] as const) checkParts(place, json[place] ?? null)
  readModel(json.model, added)
  const { normalizer = null, pre_tokenizer = null, decoder = null, model } = json
  // Special tokens come by their ids, so neither their names nor what would put them around a text is built.
  const plain = added.filter(({ special }) => !special)
  return { added, json: { added_tokens: plain, normalizer, pre_tokenizer, post_processor: null, decoder, model } }
}

/**
 * A tokenizer for text that follows other text: nothing is put before it where the file says so for the first alone.
 *
 * @returns undefined where it is the same tokenizer
 */
export function continuationOf(json: Record<string, unknown>): Record<string, unknown> | undefined {
  let isOther = false
  const changed = (part: unknown): unknown => {
    if (!isObject(part)) return part
    if (Array.isArray(part.pretokenizers)) return { ...part, pretokenizers: part.pretokenizers.map(changed) }
    if (part.prepend_scheme !== 'first') return part
    isOther = true
    return { ...part, prepend_scheme: 'never', add_prefix_space: false }
  }
  const pre_tokenizer = changed(json.pre_tokenizer)
  return isOther ? { ...json, pre_tokenizer } : undefined
}

function readAddedTokens(tokens: unknown): AddedToken[] {
  if (!Array.isArray(tokens) || tokens.length > MAX_TOKENS || !tokens.every(isAddedToken)) {
    throw tokenizerInvalid('added_tokens are malformed')
  }
  const contents = new Set<string>()
  const ids = new Set<number>()
  for (const { content, id } of tokens) {
    if (contents.has(content) || ids.has(id)) throw tokenizerInvalid('two added tokens are one', { token: content })
    contents.add(content)
    ids.add(id)
  }
  for (const token of tokens as (AddedToken & Record<string, unknown>)[]) {
    // A name of one character cannot be broken where a message spells it (chat.ts).
    if (token.special && [...token.content].length < 2) throw unsupported('added_tokens.content', token.content)
    for (const setting of ['lstrip', 'rstrip', 'single_word']) {
      if (token.special && token[setting] === true) throw unsupported(`added_tokens.${setting}`, token.content)
    }
  }
  return tokens
}

function checkParts(place: keyof typeof PARTS, root: unknown): void {
  const waiting = [root]
  for (let seen = 0; waiting.length > 0; seen++) {
    const part = waiting.pop()
    if (part === null) continue
    if (!isObject(part) || typeof part.type !== 'string') throw tokenizerInvalid(`its ${place} is malformed`)
    if (seen >= MAX_PARTS) throw unsupported(place, `more than ${MAX_PARTS} parts`)
    const { type, ...settings } = part
    if (type === 'Sequence') {
      const members = settings[MEMBERS[place]]
      if (!Array.isArray(members) || members.length > MAX_PARTS) throw tokenizerInvalid(`its ${place} is malformed`)
      waiting.push(...members)
      continue
    }
    const known = Object.hasOwn(PARTS[place], type) ? PARTS[place][type] : undefined
    if (known === undefined) throw unsupported(place, type)
    checkSettings(`${place}.${type}`, settings, known)
    // Left out, it is true.
    if (place === 'pre_tokenizer' && type === 'Metaspace' && settings.split !== false) {
      throw unsupported('pre_tokenizer.Metaspace.split', true)
    }
  }
}

function checkSettings(place: string, settings: Record<string, unknown>, known: Settings): void {
  for (const [setting, value] of Object.entries(settings)) {
    if (value === null) continue
    const isAllowed = Object.hasOwn(known, setting) && known[setting]!(value)
    if (!isAllowed) throw unsupported(`${place}.${setting}`.slice(0, 100), value)
  }
}

function readModel(model: Record<string, unknown>, added: readonly AddedToken[]): void {
  if (!isObject(model.vocab) || !Array.isArray(model.merges))
    throw tokenizerInvalid('its model has no vocab or no merges')
  checkSettings('model', model, MODEL_SETTINGS)
  const { merges, vocab } = model
  const tokens = Object.entries(vocab)
  if (tokens.length > MAX_TOKENS || merges.length > MAX_MERGES) {
    throw tokenizerInvalid('its vocabulary is too large', { tokens: tokens.length, merges: merges.length })
  }
  const tokenOfId = new Map<number, string>()
  for (const [token, id] of tokens) {
    if (!isTokenId(id)) throw tokenizerInvalid('a token has no valid id', { token, id: describeValue(id) })
    if (tokenOfId.has(id)) throw tokenizerInvalid('two tokens have one id', { token, id })
    tokenOfId.set(id, token)
  }
  for (const { content, id } of added) {
    const owner = tokenOfId.get(id)
    const idOfContent = Object.hasOwn(vocab, content) ? vocab[content] : id
    if ((owner !== undefined && owner !== content) || idOfContent !== id) {
      throw tokenizerInvalid('an added token has the id of another', { token: content, id })
    }
  }
  const unknown = model.unk_token ?? null
  if (unknown !== null && !Object.hasOwn(vocab, unknown as string)) {
    throw tokenizerInvalid('its unk_token is no token', { token: describeValue(unknown) })
  }
  for (const merge of merges as unknown[]) checkMerge(merge, vocab)
}

function checkMerge(merge: unknown, vocab: Record<string, unknown>): void {
  const pair = typeof merge === 'string' ? merge.split(' ') : merge
  const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string')
  const parts: string[] = isPair ? [...pair, pair.join('')] : []
  if (!isPair || parts.some((part) => !Object.hasOwn(vocab, part))) {
    throw tokenizerInvalid('a merge is not of two tokens into a third', { merge: describeValue(merge) })
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isAddedToken(value: unknown): value is AddedToken {
  return isObject(value) && isTokenId(value.id) && isName(value.content) && typeof value.special === 'boolean'
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0
}

function isTokenId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < MAX_TOKENS
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isSmallCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 16
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 100
}

function isTextPattern(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 1 && isShortText(value.String) && value.String !== ''
}

export function tokenizerInvalid(
  why: string,
  facts: Record<string, string | number> = {},
  cause?: unknown,
): LanguageModelError {
  const short = Object.entries(facts).map(([name, fact]) => [
    name,
    typeof fact === 'string' ? fact.slice(0, 100) : fact,
  ])
  return new LanguageModelError('tokenizer.invalid', `The tokenizer is refused: ${why}.`, {
    facts: Object.fromEntries(short),
    nextStep: 'Use the tokenizer.json and tokenizer_config.json that belong to the model.',
    cause,
  })
}

function unsupported(setting: string, value: unknown): LanguageModelError {
  return new LanguageModelError('tokenizer.unsupported', `The tokenizer's ${setting} is one that is not built here.`, {
    facts: { setting, value: describeValue(value) },
    nextStep: 'Use a model whose tokenizer.json is BPE as Llama, Mistral, Qwen or SmolLM have it.',
  })
}
