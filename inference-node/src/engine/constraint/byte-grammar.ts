/** Grammars over bytes, as small values that are put together: what a JSON Schema is compiled to. */

/** Bytes that may stand in one place. */
export class ByteSet {
  readonly #has = new Uint8Array(256)

  /** @param ranges [first, last] */
  constructor(...ranges: readonly (readonly [number, number])[]) {
    for (const [first, last] of ranges) this.#has.fill(1, first, last + 1)
  }

  has(byte: number): boolean {
    return this.#has[byte] === 1
  }
}

/** A choice between sequences. Filled in after its creation where it contains itself; never beginning with itself. */
export class Rule {
  alternatives: readonly Sequence[]

  constructor(...alternatives: readonly Sequence[]) {
    this.alternatives = alternatives
  }
}

export type Part = ByteSet | Rule
export type Sequence = readonly Part[]

/** The bytes of a text, in its order. */
export function literal(text: string): Sequence {
  return [...new TextEncoder().encode(text)].map((byte) => new ByteSet([byte, byte]))
}

export function optional(...parts: Sequence): Rule {
  return new Rule(parts, [])
}

/** Any number of times, none included. */
export function repeated(...parts: Sequence): Rule {
  const rule = new Rule()
  rule.alternatives = [[...parts, rule], []]
  return rule
}

/** From `least` to `most` times. */
export function counted(least: number, most: number, ...parts: Sequence): Sequence {
  let rest: Sequence = []
  for (let i = least; i < most; i++) rest = [optional(...parts, ...rest)]
  return [...Array.from({ length: least }, () => parts).flat(), ...rest]
}
