/**
 * Holds an answer to a grammar: which tokens may come next.
 *
 * The vocabulary is gone through in the order of its bytes; a token takes over what it shares with the one before, and
 * what shares a beginning that cannot be is passed over. The tokens of a state are remembered.
 *
 * @see Willard & Louf 2023, arXiv:2307.09702 (guided generation by an index over the vocabulary)
 */
import { ByteAutomaton, DEAD } from './byte-automaton.ts'
import type { Rule } from './byte-grammar.ts'

/** Bytes of token sets that one grammar remembers. */
const REMEMBERED_BYTES = 8 * 1024 * 1024

/** A vocabulary in the order of its bytes. */
export class ByteVocabulary {
  readonly size: number
  /** Tokens that have bytes, sorted by them. */
  readonly order: readonly { id: number; bytes: Uint8Array /** Bytes shared with the one before. */; shared: number }[]
  readonly bytes: readonly (Uint8Array | null)[]

  /** @param bytes [vocab]; null where a token has none */
  constructor(bytes: readonly (Uint8Array | null)[]) {
    this.size = bytes.length
    this.bytes = bytes
    const spelled = bytes.flatMap((own, id) => (own === null || own.length === 0 ? [] : [{ id, bytes: own }]))
    spelled.sort((a, b) => Buffer.compare(a.bytes, b.bytes) || a.id - b.id)
    this.order = spelled.map((token, i) => ({ ...token, shared: sharedBytes(spelled[i - 1]?.bytes, token.bytes) }))
  }
}

/** A grammar over a vocabulary; answers by the same grammar share it. */
export class Constraint {
  readonly #automaton: ByteAutomaton
  readonly #vocabulary: ByteVocabulary
  readonly #endIds: readonly number[]
  readonly #allowed = new Map<number, Uint8Array>()

  /** @param endIds tokens that end a text, allowed where the grammar lets it end */
  constructor(grammar: Rule, vocabulary: ByteVocabulary, endIds: readonly number[]) {
    this.#automaton = new ByteAutomaton(grammar)
    this.#vocabulary = vocabulary
    this.#endIds = endIds
  }

  /** States met so far: what its memory grows with. */
  get size(): number {
    return this.#automaton.size
  }

  get start(): number {
    return this.#automaton.start
  }

  /** The state after a token; a token that was not allowed leads to none. */
  after(state: number, tokenId: number): number {
    const bytes = this.#vocabulary.bytes[tokenId]
    if (state === DEAD || bytes == null) return DEAD
    for (const byte of bytes) {
      state = this.#automaton.next(state, byte)
      if (state === DEAD) return DEAD
    }
    return state
  }

  /** @returns [vocab], 1 where a token may come next. Where none may, the text ends. */
  allowed(state: number): Uint8Array {
    const known = this.#allowed.get(state)
    if (known !== undefined) return known
    if ((this.#allowed.size + 1) * this.#vocabulary.size > REMEMBERED_BYTES)
      this.#allowed.delete(this.#allowed.keys().next().value ?? DEAD)
    const allowed = this.#find(state)
    this.#allowed.set(state, allowed)
    return allowed
  }

  #find(state: number): Uint8Array {
    const allowed = new Uint8Array(this.#vocabulary.size)
    if (state === DEAD) return this.#allowEnd(allowed)
    const path = [state]
    let isEmpty = true
    for (const { bytes, id, shared } of this.#vocabulary.order) {
      // The token before failed within what both share.
      if (path.length - 1 < shared) continue
      path.length = shared + 1
      while (path.length <= bytes.length) {
        const next = this.#automaton.next(path.at(-1)!, bytes[path.length - 1]!)
        if (next === DEAD) break
        path.push(next)
      }
      if (path.length <= bytes.length) continue
      allowed[id] = 1
      isEmpty = false
    }
    return isEmpty || this.#automaton.mayEnd(state) ? this.#allowEnd(allowed) : allowed
  }

  #allowEnd(allowed: Uint8Array): Uint8Array {
    for (const id of this.#endIds) allowed[id] = 1
    return allowed
  }
}

function sharedBytes(a: Uint8Array | undefined, b: Uint8Array): number {
  let shared = 0
  while (a !== undefined && shared < a.length && shared < b.length && a[shared] === b[shared]) shared++
  return shared
}

/** The constraints of the last schemas: compiled once for all answers that ask for the same. */
export class Constraints {
  readonly #make: (schema: string) => Constraint
  readonly #bySchema = new Map<string, Constraint>()

  constructor(make: (schema: string) => Constraint) {
    this.#make = make
  }

  of(schema: string): Constraint {
    const known = this.#bySchema.get(schema)
    const constraint = known !== undefined && known.size < MAX_STATES ? known : this.#make(schema)
    this.#bySchema.delete(schema)
    this.#bySchema.set(schema, constraint)
    if (this.#bySchema.size > MAX_SCHEMAS) this.#bySchema.delete(this.#bySchema.keys().next().value!)
    return constraint
  }
}

const MAX_SCHEMAS = 32
/** A kilobyte each. Deep nesting meets new ones without end, so beyond this the next answer begins afresh. */
const MAX_STATES = 8192
