import { describe, expect, it } from 'vitest'
import { areLogprobsOf, tokenLogprobs } from './logprobs.ts'
import { packAdapter, unpackAdapter } from './packed-adapter.ts'
import type { Sampling } from './sampling.ts'
import { TokenChooser } from './token-chooser.ts'

const logits = Float32Array.of(1, 3, 2, 3, -4)
const chooser = (own: Partial<Sampling>, promptTokenIds: number[] = []) =>
  new TokenChooser({ promptTokenIds, sampling: { temperature: 0, topP: 1, seed: 1, ...own } }, null)

/** All tokens that are ever drawn. */
function drawn(own: Partial<Sampling>): number[] {
  const one = chooser({ temperature: 1, ...own })
  const seen = new Set<number>()
  for (let i = 0; i < 400; i++) {
    seen.add(one.choose(logits))
    one.push(4)
  }
  return [...seen].sort()
}

describe('TokenChooser', () => {
  it('keeps the likeliest of top_k, with those that tie with the last', () => {
    expect(drawn({ topK: 1 })).toEqual([1, 3])
    expect(drawn({ topK: 3 })).toEqual([1, 2, 3])
    expect(drawn({ topK: 99 })).toContain(0)
  })

  it('keeps what is at least min_p as likely as the likeliest, at the temperature', () => {
    expect(drawn({ minP: 0.5 })).toEqual([1, 3]) // exp(2 - 3) = .37
    expect(drawn({ minP: 0.3 })).toEqual([1, 2, 3])
    expect(drawn({ minP: 0.5, temperature: 2 })).toEqual([1, 2, 3]) // exp((2 - 3) / 2) = .61
  })

  it('takes top_p of what top_k leaves', () => {
    // Of 1, 3 (.42 each of what is left) and 2 (.16): both of the likeliest reach .8.
    expect(drawn({ topK: 3, topP: 0.8 })).toEqual([1, 3])
  })

  it('adds biases, also such that nothing else is left', () => {
    expect(chooser({ logitBias: [[4, 100]] }).choose(logits)).toBe(4)
    expect(chooser({ logitBias: [[1, -100]] }).choose(logits)).toBe(3)
  })

  it('takes a presence penalty once, a frequency penalty each time', () => {
    const once = chooser({ presencePenalty: 0.9 })
    once.push(1)
    expect(once.choose(logits)).toBe(3)
    for (let i = 0; i < 5; i++) once.push(3)
    expect(once.choose(logits)).toBe(1) // 2.1 each, and 2 for token 2
    const often = chooser({ frequencyPenalty: 0.4 })
    for (const token of [1, 1, 1, 3, 3, 3]) often.push(token)
    expect(often.choose(logits)).toBe(2)
  })

  it('penalises repetition of the prompt too', () => {
    expect(chooser({ repetitionPenalty: 2 }, [1, 3]).choose(logits)).toBe(2)
    expect(chooser({ repetitionPenalty: 0.1 }, [2]).choose(logits)).toBe(2)
  })

  it('draws other tokens for another choice of the same request', () => {
    const flat = new Float32Array(500)
    const tokens = [0, 1, 2, 3].map((choice) => chooser({ temperature: 1, choice }).choose(flat))
    expect(new Set(tokens).size).toBe(4)
    expect(tokens[0]).toBe(chooser({ temperature: 1 }).choose(flat))
  })

  it('changes no logits of the caller', () => {
    const own = logits.slice()
    chooser({ presencePenalty: 1, logitBias: [[0, 5]] }, [1]).choose(own)
    expect(own).toEqual(logits)
  })
})

describe('tokenLogprobs', () => {
  it('are the logarithms of the softmax, likeliest first', () => {
    const total = Math.log([...logits].reduce((sum, logit) => sum + Math.exp(logit), 0))
    const { logprob, top } = tokenLogprobs(logits, 2, 3)
    expect(logprob).toBeCloseTo(2 - total, 6)
    expect(top.map(([token]) => token)).toEqual([1, 3, 2])
    expect(top[0]![1]).toBeCloseTo(3 - total, 6)
    expect(tokenLogprobs(logits, 0, 0).top).toEqual([])
    expect(areLogprobsOf({ logprob, top }, logits, 2, 3)).toBe(true)
  })

  it('are not believed when a likelier token is left out', () => {
    const { logprob, top } = tokenLogprobs(logits, 2, 5)
    expect(areLogprobsOf({ logprob, top: [top[0]!, top[2]!, top[3]!] }, logits, 2, 3)).toBe(false)
  })
})

describe('packAdapter', () => {
  const lora = { rank: 1, alpha: 1, targets: ['q'] } as const

  it('halves what half precision holds, and keeps what it does not', () => {
    const exact = { lora, weights: Float32Array.of(0.5, -0, 1 / 1024, 65504) }
    const fine = { lora, weights: Float32Array.of(0.1, 1) }
    expect(packAdapter(exact).weights.byteLength).toBe(8)
    expect(packAdapter(fine).weights.byteLength).toBe(8)
    expect(unpackAdapter(packAdapter(exact))).toEqual(exact)
    expect(unpackAdapter(packAdapter(fine))).toEqual(fine)
  })
})
