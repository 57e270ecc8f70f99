/**
 * Keys and values of prompts that were read before, so that the next prompt with the same beginning need not be read again.
 *
 * Equal to the bit with reading it again: only whole steps of PREFILL_TOKENS tokens are kept, from the prompt's first
 * token on, and what a step computes depends on its row's tokens and adapter alone, not on the batch around it. So what an
 * answer generated is never kept: its keys were computed one token at a time, and reading them as a prompt would group
 * their sums otherwise. The step with the prompt's last token is always read: its logits are needed.
 *
 * A client meets only what it sent itself: else the time to a first token would tell it what others had asked.
 */
import { createHash } from 'node:crypto'
import type { AnswerRequest } from './request.ts'
import { PREFILL_TOKENS } from './serving-model.ts'

/** One step's keys and values: [layers · 2] of [kvHeads, PREFILL_TOKENS, headDim]. */
export type PrefixStep = readonly Float32Array[]

export class PrefixCache {
  readonly #budgetBytes: number
  /** In the order of their last use, oldest first. */
  readonly #steps = new Map<string, PrefixStep>()
  #bytes = 0

  /** @param budgetBytes 0 keeps nothing */
  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  /** A name for each whole step of the prompt but that of its last token; each name stands for all before it too. */
  keysOf(
    { adapterKey, promptTokenIds }: Pick<AnswerRequest, 'adapterKey' | 'promptTokenIds'>,
    client: string,
  ): string[] {
    if (this.#budgetBytes === 0) return []
    const keys: string[] = []
    let key = JSON.stringify([client, adapterKey])
    for (let end = PREFILL_TOKENS; end < promptTokenIds.length; end += PREFILL_TOKENS) {
      const tokens = Int32Array.from(promptTokenIds.slice(end - PREFILL_TOKENS, end))
      key = createHash('sha256').update(key).update(tokens).digest('base64')
      keys.push(key)
    }
    return keys
  }

  get(key: string): PrefixStep | undefined {
    const step = this.#steps.get(key)
    if (step === undefined) return undefined
    this.#steps.delete(key)
    this.#steps.set(key, step)
    return step
  }

  /** @param read called only when it is to be kept */
  put(key: string, read: () => PrefixStep): void {
    if (this.#steps.has(key)) return
    const step = read()
    this.#steps.set(key, step)
    this.#bytes += bytesOf(step)
    for (const [oldest, parts] of this.#steps) {
      if (this.#bytes <= this.#budgetBytes) return
      this.#steps.delete(oldest)
      this.#bytes -= bytesOf(parts)
    }
  }
}

function bytesOf(step: PrefixStep): number {
  return step.reduce((sum, part) => sum + part.byteLength, 0)
}
