/** For tests: a byte-level tokenizer with an end of text, the 256 bytes and a few merges. */

export const END = '<|endoftext|>'

const special = { lstrip: false, rstrip: false, normalized: false, single_word: false, special: true }
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true }

/** @param merges pairs of tokens, separated by a space, in the order in which they are merged */
export function byteTokenizerJson(merges: readonly string[] = []) {
  const tokens = [END, ...byteLetters(), ...merges.map((pair) => pair.replace(' ', ''))]
  return {
    version: '1.0',
    added_tokens: [{ id: 0, content: END, ...special }],
    normalizer: null as object | null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  }
}

export const BYTE_TOKENIZER_CONFIG = { bos_token: END, eos_token: { content: END } }

/** GPT-2's letters for bytes: printable ones stand for themselves, the rest from U+0100 on. */
function byteLetters(): string[] {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    return String.fromCharCode(isPrintable ? byte : next++)
  })
}
