import { BigInt, Bytes, JSONValue, JSONValueKind, json, TypedMap } from '@graphprotocol/graph-ts'
import { digestOfCid } from './content'

// Whoever writes a manifest is a stranger. A handler that aborts halts the subgraph for everybody, so nothing here calls a
// conversion of graph-ts that can abort before it has seen that it cannot.

/** Above this a JSON number is no longer exact in other languages: 2^53 - 1. */
const MAX_SAFE_INTEGER: u64 = 9007199254740991
const ZERO = BigInt.zero()
/** graph-node parses no greater JSON, bytes. */
export const MAX_JSON_BYTES = 10000000

/**
 * Reads the members of one JSON object and keeps the first thing that is wrong with them. After a fault every read still
 * gives a value, which the caller then throws away.
 */
export class ManifestReader {
  /** Where and what the first fault is; empty while there is none. */
  fault: string = ''
  private object: TypedMap<string, JSONValue> = new TypedMap<string, JSONValue>()
  private place: string = ''

  /** Starts with the bytes of a manifest; `maxBytes` at most `MAX_JSON_BYTES`. */
  static open(content: Bytes, kind: string, maxBytes: i32): ManifestReader {
    const reader = new ManifestReader()
    if (content.length > maxBytes) {
      reader.fault = 'greater than ' + maxBytes.toString() + ' bytes'
      return reader
    }
    const parsed = json.try_fromBytes(content)
    if (parsed.isError) {
      reader.fault = 'not JSON in UTF-8'
    } else if (parsed.value.kind != JSONValueKind.OBJECT) {
      reader.fault = 'not a JSON object'
    } else {
      reader.object = parsed.value.toObject()
      if (reader.text('kind', 1, 64) != kind && reader.isGood) reader.fail('kind', 'must be ' + kind)
    }
    return reader
  }

  get isGood(): boolean {
    return this.fault.length == 0
  }

  /** Reads from `value`, which stands at `place`, from now on. */
  enter(value: JSONValue, place: string): void {
    this.place = place
    if (value.kind == JSONValueKind.OBJECT) this.object = value.toObject()
    else this.fail('', 'must be an object')
  }

  /** Enters the object that is the member `name`. */
  enterMember(name: string): void {
    const value = this.object.get(name)
    if (value === null) this.fail(name, 'is missing')
    else this.enter(value, this.placeOf(name))
  }

  list(name: string, atMost: i32): JSONValue[] {
    const value = this.object.get(name)
    if (value === null || value.kind != JSONValueKind.ARRAY) {
      this.fail(name, 'must be a list')
      return []
    }
    const items = value.toArray()
    if (items.length == 0) this.fail(name, 'must not be empty')
    if (items.length <= atMost) return items
    this.fail(name, 'must have at most ' + atMost.toString() + ' items')
    return []
  }

  /** A string of `atLeast` to `atMost` UTF-16 units, as JavaScript counts. */
  text(name: string, atLeast: i32, atMost: i32): string {
    const value = this.object.get(name)
    if (value === null || value.kind != JSONValueKind.STRING) {
      this.fail(name, 'must be a string')
      return ''
    }
    const text = value.toString()
    if (text.length >= atLeast && text.length <= atMost) return text
    this.fail(name, 'must have ' + atLeast.toString() + ' to ' + atMost.toString() + ' characters')
    return ''
  }

  /** A string that may be left out. */
  optionalText(name: string, atMost: i32): string | null {
    return this.object.isSet(name) ? this.text(name, 0, atMost) : null
  }

  /** `0x` and `length` bytes in lower-case hex. */
  hex(name: string, length: i32): Bytes {
    const value = this.object.get(name)
    const text = value !== null && value.kind == JSONValueKind.STRING ? value.toString() : ''
    const bytes = bytesOfHex(text, length)
    if (bytes !== null) return bytes
    this.fail(name, 'must be 0x and ' + (2 * length).toString() + ' lower-case hex digits')
    return new Bytes(length)
  }

  /** Looks at a signature: 1 to 4,096 bytes in hex of either case. It is not kept. */
  signature(name: string): void {
    const value = this.object.get(name)
    const text = value !== null && value.kind == JSONValueKind.STRING ? value.toString().toLowerCase() : ''
    const length = (text.length - 2) / 2
    if (length < 1 || length > 4096 || bytesOfHex(text, length) === null) this.fail(name, 'must be a hex signature')
  }

  /** The digest in a CID. */
  digest(name: string): Bytes {
    const value = this.object.get(name)
    const text = value !== null && value.kind == JSONValueKind.STRING ? value.toString() : ''
    const digest = digestOfCid(text)
    if (digest !== null) return digest
    this.fail(name, 'must be a CIDv1 (raw, sha2-256, base32)')
    return new Bytes(32)
  }

  /** A JSON number that is an integer from `atLeast` to 2^53 - 1. */
  integer(name: string, atLeast: u64): BigInt {
    const value = this.object.get(name)
    // The number's own digits: graph-ts would abort on a fraction, an exponent or a number that is too big.
    const digits = value !== null && value.kind == JSONValueKind.NUMBER ? changetype<string>(value.data as usize) : ''
    if (isDecimal(digits, 16)) {
      const number = U64.parseInt(digits)
      if (number >= atLeast && number <= MAX_SAFE_INTEGER) return BigInt.fromU64(number)
    }
    this.fail(name, 'must be an integer from ' + atLeast.toString() + ' to 2^53 - 1')
    return ZERO
  }

  /** A decimal string below 2^`bits`. */
  uint(name: string, bits: u8): BigInt {
    const value = this.object.get(name)
    const digits = value !== null && value.kind == JSONValueKind.STRING ? value.toString() : ''
    if (isDecimal(digits, 78)) {
      const number = BigInt.fromString(digits)
      if (number.lt(BigInt.fromI32(1).leftShift(bits))) return number
    }
    this.fail(name, 'must be a decimal string below 2^' + bits.toString())
    return ZERO
  }

  /** A fault that the caller found. Only the first is kept. */
  fail(name: string, reason: string): void {
    if (this.isGood) this.fault = this.placeOf(name) + ' ' + reason
  }

  private placeOf(name: string): string {
    if (this.place.length == 0) return name
    return name.length == 0 ? this.place : this.place + '.' + name
  }
}

function isDecimal(digits: string, atMost: i32): boolean {
  if (digits.length == 0 || digits.length > atMost) return false
  if (digits.length > 1 && digits.charCodeAt(0) == 48) return false
  for (let i = 0; i < digits.length; i++) {
    const code = digits.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  return true
}

function bytesOfHex(text: string, length: i32): Bytes | null {
  if (text.length != 2 + 2 * length || !text.startsWith('0x')) return null
  const bytes = new Bytes(length)
  for (let i = 0; i < length; i++) {
    const high = hexDigit(text.charCodeAt(2 + 2 * i))
    const low = hexDigit(text.charCodeAt(3 + 2 * i))
    if (high < 0 || low < 0) return null
    bytes[i] = ((high << 4) | low) as u8
  }
  return bytes
}

function hexDigit(code: i32): i32 {
  if (code >= 48 && code <= 57) return code - 48
  if (code >= 97 && code <= 102) return code - 87
  return -1
}
