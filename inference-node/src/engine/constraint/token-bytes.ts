/** The bytes that each token of a vocabulary stands for, from Hugging Face's tokenizer.json. */

/**
 * Two ways of spelling bytes are known: GPT-2's letters (byte-level BPE) and SentencePiece's, where U+2581 is a space and
 * `<0x0A>` a byte.
 * @returns [vocab]; null for special tokens, and for what cannot be spelled
 */
export function tokenBytes(tokenizerJson: unknown, vocabSize: number): (Uint8Array | null)[] {
  const { added_tokens: added = [], decoder, model } = tokenizerJson as TokenizerJson
  const spell = usesByteLetters(decoder) ? byteLetters() : sentencePieces
  const bytes = new Array<Uint8Array | null>(vocabSize).fill(null)
  const vocabulary: Iterable<[string, number]> = Array.isArray(model.vocab)
    ? model.vocab.map(([token], id) => [token, id])
    : Object.entries(model.vocab)
  for (const [token, id] of vocabulary) if (id < vocabSize) bytes[id] = spell(token)
  for (const { content, id, special } of added) {
    if (id < vocabSize) bytes[id] = special ? null : new TextEncoder().encode(content)
  }
  return bytes
}

/** How a token reads alone; where it is only a part of a character, its bytes say more. */
export type TokenText = { token: string; bytes: number[] | null }

/** @returns [vocab]; special tokens by their names */
export function tokenTexts(tokenizerJson: unknown, vocabSize: number): TokenText[] {
  const { added_tokens: added = [] } = tokenizerJson as TokenizerJson
  const names = new Map(added.map(({ content, id }) => [id, content]))
  return tokenBytes(tokenizerJson, vocabSize).map((bytes, id) =>
    bytes === null
      ? { token: names.get(id) ?? '', bytes: null }
      : { token: Buffer.from(bytes).toString('utf8'), bytes: [...bytes] },
  )
}

type TokenizerJson = {
  model: { vocab: Record<string, number> | [string, number][] }
  decoder?: Decoder | null
  added_tokens?: { id: number; content: string; special: boolean }[]
}
type Decoder = { type: string; decoders?: Decoder[] }

function usesByteLetters(decoder: Decoder | null | undefined): boolean {
  return decoder?.type === 'ByteLevel' || (decoder?.decoders ?? []).some(usesByteLetters)
}

/** GPT-2's letters: printable bytes stand for themselves, the rest from U+0100 on. */
function byteLetters(): (token: string) => Uint8Array | null {
  const byteOf = new Map<string, number>()
  let next = 0x100
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad)
    byteOf.set(String.fromCharCode(isPrintable ? byte : next++), byte)
  }
  return (token) => {
    const bytes = [...token].map((letter) => byteOf.get(letter))
    return bytes.includes(undefined) ? null : Uint8Array.from(bytes as number[])
  }
}

function sentencePieces(token: string): Uint8Array {
  const byte = /^<0x([0-9A-F]{2})>$/.exec(token)?.[1]
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16))
  return new TextEncoder().encode(token.replaceAll('\u2581', ' '))
}
