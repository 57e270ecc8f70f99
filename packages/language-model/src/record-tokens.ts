import type { Tokenizer } from './tokenizer.ts'

/**
 * A record as it is trained on, and as attribution must read it: a beginning, the text, an end. A longer record is cut
 * off, so that at most `contextTokens` tokens are predicted; what lies beyond is not learned.
 */
export function recordTokens(tokenizer: Tokenizer, text: string, contextTokens: number): number[] {
  return [tokenizer.bosId, ...tokenizer.encode(text), tokenizer.eosId].slice(0, contextTokens + 1)
}
