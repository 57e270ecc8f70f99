/**
 * Random numbers that are looked up, not drawn: the same (seed, index, lane) gives the same number in any order and on
 * any machine. So a token can be sampled again from its place in the answer alone, without replaying what came before.
 *
 * Philox4x32-10, checked against its authors' known answers.
 * @see Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3
 */
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85
const ROUNDS = 10

/**
 * Four words of 32 bits for a counter and a key.
 * @param counter [4] words
 * @param key     [2] words
 * @param output  [4] words, written over
 */
export function philox(counter: Uint32Array, key: Uint32Array, output: Uint32Array): void {
  let [c0, c1, c2, c3] = [counter[0]!, counter[1]!, counter[2]!, counter[3]!]
  let [k0, k1] = [key[0]!, key[1]!]
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0)
    const low0 = Math.imul(MULTIPLIER_0, c0)
    const high1 = multiplyHigh(MULTIPLIER_1, c2)
    const low1 = Math.imul(MULTIPLIER_1, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + WEYL_0) | 0
    k1 = (k1 + WEYL_1) | 0
  }
  output[0] = c0
  output[1] = c1
  output[2] = c2
  output[3] = c3
}

/** The upper 32 bits of the 64-bit product of two words. */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh] = [a & 0xffff, a >>> 16]
  const [bLow, bHigh] = [b & 0xffff, b >>> 16]
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) | 0
}

/** The random numbers of one request. */
export class RandomStream {
  readonly #key: Uint32Array
  readonly #counter = new Uint32Array(4)
  readonly #words = new Uint32Array(4)
  /** Which block `#words` holds; -1 before the first. */
  #block = -1
  #index = -1

  /**
   * @param seed   a non-negative safe integer
   * @param choice which of several answers to one request, from 0
   */
  constructor(seed: number, choice = 0) {
    this.#key = Uint32Array.of(seed >>> 0, Math.floor(seed / 2 ** 32))
    this.#counter[2] = choice
  }

  /** A number strictly between 0 and 1, for the token at `index` of the answer and the lane of one candidate. */
  at(index: number, lane: number): number {
    const block = lane >>> 2
    if (block !== this.#block || index !== this.#index) {
      this.#counter[0] = block
      this.#counter[1] = index
      philox(this.#counter, this.#key, this.#words)
      this.#block = block
      this.#index = index
    }
    return (this.#words[lane & 3]! + 0.5) / 2 ** 32
  }
}
