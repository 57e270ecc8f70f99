/**
 * Reads a text byte by byte along a grammar and says which bytes may follow.
 *
 * A state is the set of all places in the grammar at which the text so far can stand; a place is a stack of sequences
 * under way. States are numbered as they are met and their transitions remembered, so going through a vocabulary again
 * from the same state costs one look-up a byte. A rule in the last place of a sequence takes over its stack, so lists do
 * not deepen it.
 */
import { ByteSet, type Rule, type Sequence } from './byte-grammar.ts'

/** No text that goes on like this is in the grammar. */
export const DEAD = -1
const UNKNOWN = -2

export class ByteAutomaton {
  readonly #states: State[] = []
  readonly #stateByKey = new Map<string, number>()
  readonly #placeByKey = new Map<string, Place>()
  readonly #sequenceIds = new Map<Sequence, number>()
  readonly start: number

  constructor(grammar: Rule) {
    const places = new Map<number, Place>()
    const ends = this.#expand(this.#place([grammar], 0, null), places)
    this.start = this.#state(places, ends)
  }

  /** The state after one more byte; DEAD when the grammar has no such text. */
  next(state: number, byte: number): number {
    const { edges, places } = this.#states[state]!
    if (edges[byte] === UNKNOWN) edges[byte] = this.#step(places, byte)
    return edges[byte]!
  }

  /** Whether the text may end here. */
  mayEnd(state: number): boolean {
    return this.#states[state]!.mayEnd
  }

  /** States met so far: what this automaton's memory grows with. */
  get size(): number {
    return this.#states.length
  }

  #step(places: readonly Place[], byte: number): number {
    const reached = new Map<number, Place>()
    let mayEnd = false
    for (const { at, parent, sequence } of places) {
      if (!(sequence[at] as ByteSet).has(byte)) continue
      mayEnd = this.#advance(sequence, at, parent, reached) || mayEnd
    }
    return reached.size === 0 && !mayEnd ? DEAD : this.#state(reached, mayEnd)
  }

  /** Goes past the part at `at`. @returns whether the text may end then */
  #advance(sequence: Sequence, at: number, parent: Place | null, into: Map<number, Place>): boolean {
    if (at + 1 < sequence.length) return this.#expand(this.#place(sequence, at + 1, parent), into)
    return parent === null || this.#expand(parent, into)
  }

  /** Collects the places before a byte that a place leads to. @returns whether the text may end there */
  #expand(place: Place, into: Map<number, Place>): boolean {
    const { at, parent, sequence } = place
    const part = sequence[at]!
    if (part instanceof ByteSet) {
      into.set(place.id, place)
      return false
    }
    const isLast = at + 1 === sequence.length
    const after = isLast ? parent : this.#place(sequence, at + 1, parent)
    let mayEnd = false
    for (const alternative of part.alternatives) {
      if (alternative.length > 0) mayEnd = this.#expand(this.#place(alternative, 0, after), into) || mayEnd
      else mayEnd = after === null || this.#expand(after, into) || mayEnd
    }
    return mayEnd
  }

  #place(sequence: Sequence, at: number, parent: Place | null): Place {
    const sequenceId = this.#sequenceIds.get(sequence) ?? this.#sequenceIds.size
    this.#sequenceIds.set(sequence, sequenceId)
    const key = `${sequenceId} ${at} ${parent?.id ?? ''}`
    const known = this.#placeByKey.get(key)
    if (known !== undefined) return known
    const place = { id: this.#placeByKey.size, sequence, at, parent }
    this.#placeByKey.set(key, place)
    return place
  }

  #state(places: ReadonlyMap<number, Place>, mayEnd: boolean): number {
    const ids = [...places.keys()].sort((a, b) => a - b)
    const key = `${mayEnd} ${ids.join(' ')}`
    const known = this.#stateByKey.get(key)
    if (known !== undefined) return known
    const state = this.#states.length
    this.#states.push({ places: [...places.values()], mayEnd, edges: new Int32Array(256).fill(UNKNOWN) })
    this.#stateByKey.set(key, state)
    return state
  }
}

/** A part of a sequence that is next, and where its rule was called from. */
type Place = { id: number; sequence: Sequence; at: number; parent: Place | null }
type State = { places: readonly Place[]; mayEnd: boolean; edges: Int32Array }
