/**
 * Keccak-256 of many inputs of 32 or of 64 bytes at once: what Merkle trees are made of.
 *
 * Libraries hash one input a call, which for such short ones costs more than the hashing, and in JavaScript, whose numbers
 * make two 32-bit words of each lane. This writes a WebAssembly module with 64-bit lanes. Where
 * WebAssembly is not allowed (`--jitless`, a page's policy) the library hashes, with the same result.
 *
 * @see FIPS 202, section 3.2 (the rounds); Ethereum's Keccak pads with 0x01 where SHA3 pads with 0x06
 */
import { keccak_256 } from '@noble/hashes/sha3.js'

type InputBytes = 32 | 64
type Hash = (from: number, to: number, end: number) => void
type Instance = { memory: Uint8Array; hash: Record<InputBytes, Hash> }

const ROUNDS = 24
/** In the module's memory: round constants, inputs, hashes. */
const INPUTS_AT = 256
const BATCH = 1024
const HASHES_AT = INPUTS_AT + BATCH * 64
const PAGES = 2

let instance: Instance | null | undefined

/**
 * @param inputs [n · inputBytes]
 * @param hashes [n · 32], written
 */
export function keccakBatch(inputs: Uint8Array, inputBytes: InputBytes, hashes: Uint8Array): void {
  instance ??= instantiate()
  if (instance === null) {
    for (let at = 0, to = 0; at < inputs.length; at += inputBytes, to += 32) {
      hashes.set(keccak_256(inputs.subarray(at, at + inputBytes)), to)
    }
    return
  }
  const { memory, hash } = instance
  const batchBytes = BATCH * inputBytes
  for (let at = 0, to = 0; at < inputs.length; at += batchBytes, to += BATCH * 32) {
    const batch = inputs.subarray(at, at + batchBytes)
    memory.set(batch, INPUTS_AT)
    hash[inputBytes](INPUTS_AT, HASHES_AT, INPUTS_AT + batch.length)
    hashes.set(memory.subarray(HASHES_AT, HASHES_AT + (batch.length / inputBytes) * 32), to)
  }
}

function instantiate(): Instance | null {
  if (typeof WebAssembly === 'undefined') return null
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()))
    const { memory, hash32, hash64 } = exports as unknown as { memory: WebAssembly.Memory; hash32: Hash; hash64: Hash }
    const words = new DataView(memory.buffer)
    for (const [round, constant] of roundConstants().entries()) words.setBigUint64(round * 8, constant, true)
    return { memory: new Uint8Array(memory.buffer), hash: { 32: hash32, 64: hash64 } }
  } catch {
    return null // refused by the host: not a fault, only slower
  }
}

/** Bits of a linear feedback shift register, at the places 2^j - 1 (FIPS 202, algorithm 5). */
function roundConstants(): bigint[] {
  let register = 1
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n
    for (let j = 0; j < 7; j++) {
      if (register & 1) constant |= 1n << ((1n << BigInt(j)) - 1n)
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0)
    }
    return constant
  })
}

// ---- the module: two functions (from, to, end), which differ in how many lanes they read ----

const OP = {
  ...{ loop: 0x03, end: 0x0b, brIf: 0x0d, get: 0x20, set: 0x21, load64: 0x29, store64: 0x37 },
  ...{ const32: 0x41, const64: 0x42, lessU: 0x49, add32: 0x6a, and64: 0x83, xor64: 0x85, rotateLeft: 0x89 },
} as const
const I32 = 0x7f
const I64 = 0x7e
const [FROM, TO, END, ROUND] = [0, 1, 2, 3]
const lane = (i: number) => 4 + i // a[x + 5y]
const moved = (i: number) => 29 + i // b[x + 5y]
const column = (x: number) => 54 + (x % 5)

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const bodies = [functionBody(4), functionBody(8)]
  const text = (name: string) => [name.length, ...[...name].map((letter) => letter.charCodeAt(0))]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]), // one type: (i32, i32, i32) → nothing
    ...section(3, [2, 0, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [3, ...text('memory'), 2, 0, ...text('hash32'), 0, 0, ...text('hash64'), 0, 1]),
    ...section(10, [2, ...bodies.flatMap((body) => [...unsigned(body.length), ...body])]),
  ])
}

/** Hashes inputs of `lanes` 64-bit words, one after the other, until `END`. */
function functionBody(lanes: number): number[] {
  const code: number[] = [OP.loop, 0x40]
  const emit = (...bytes: number[]) => code.push(...bytes)
  const get = (local: number) => emit(OP.get, ...unsigned(local))
  const set = (local: number) => emit(OP.set, ...unsigned(local))
  const constant64 = (value: bigint) => emit(OP.const64, ...signed(value))
  const advance = (local: number, bytes: number) => {
    get(local)
    emit(OP.const32, ...signed(BigInt(bytes)), OP.add32)
    set(local)
  }
  for (let i = 0; i < 25; i++) {
    // The input, then 0x01, and 0x80 in the last byte of the 136 that are absorbed at once.
    if (i < lanes) {
      get(FROM)
      emit(OP.load64, 3, ...unsigned(i * 8))
    } else constant64(i === lanes ? 1n : i === 16 ? -(2n ** 63n) : 0n)
    set(lane(i))
  }
  emit(OP.const32, 0)
  set(ROUND)
  emit(OP.loop, 0x40)
  // θ: each lane takes the parity of two columns.
  for (let x = 0; x < 5; x++) {
    get(lane(x))
    for (let y = 1; y < 5; y++) {
      get(lane(x + 5 * y))
      emit(OP.xor64)
    }
    set(column(x))
  }
  // ρ and π: lanes are rotated and change places.
  for (const { x, y, by } of rotations()) {
    get(lane(x + 5 * y))
    get(column(x + 4))
    emit(OP.xor64)
    get(column(x + 1))
    constant64(1n)
    emit(OP.rotateLeft, OP.xor64)
    constant64(BigInt(by))
    emit(OP.rotateLeft)
    set(moved(y + 5 * ((2 * x + 3 * y) % 5)))
  }
  // χ: the only step that is not linear. ι: the round's constant.
  for (let y = 0; y < 25; y += 5) {
    for (let x = 0; x < 5; x++) {
      get(moved(y + ((x + 1) % 5)))
      constant64(-1n)
      emit(OP.xor64)
      get(moved(y + ((x + 2) % 5)))
      emit(OP.and64)
      get(moved(y + x))
      emit(OP.xor64)
      if (x + y === 0) {
        get(ROUND)
        emit(OP.load64, 3, 0, OP.xor64)
      }
      set(lane(y + x))
    }
  }
  advance(ROUND, 8)
  get(ROUND)
  emit(OP.const32, ...signed(BigInt(ROUNDS * 8)), OP.lessU, OP.brIf, 0, OP.end)
  for (let i = 0; i < 4; i++) {
    get(TO)
    get(lane(i))
    emit(OP.store64, 3, ...unsigned(i * 8))
  }
  advance(TO, 32)
  advance(FROM, lanes * 8)
  get(FROM)
  get(END)
  emit(OP.lessU, OP.brIf, 0, OP.end, OP.end)
  return [2, 1, I32, 55, I64, ...code] // locals: ROUND; 25 lanes, 25 moved ones, 5 columns
}

function rotations(): { x: number; y: number; by: number }[] {
  const found = [{ x: 0, y: 0, by: 0 }]
  for (let t = 0, x = 1, y = 0; t < 24; t++) {
    found.push({ x, y, by: (((t + 1) * (t + 2)) / 2) % 64 })
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  return found
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content]
}

/** LEB128. */
function unsigned(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest]
    bytes.push((rest & 0x7f) | 0x80)
  }
}

function signed(value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(BigInt.asUintN(7, rest))
    const isLast = (rest >> 6n === 0n && !(low & 0x40)) || (rest >> 6n === -1n && (low & 0x40) !== 0)
    if (isLast) return [...bytes, low]
    bytes.push(low | 0x80)
  }
}
