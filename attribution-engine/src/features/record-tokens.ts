import type { Tokenizer } from '@openledger/language-model'

/**
 * A record's tokens as training sees them: a beginning, the text, an end, cut to the context.
 * Attribution must read a record exactly as it was trained on, so this is the rule of `model-factory`, too.
 */
export function recordTokens(tokenizer: Tokenizer, text: string, contextTokens: number): number[] {
  return [tokenizer.bosId, ...tokenizer.encode(text), tokenizer.eosId].slice(0, contextTokens + 1)
}
