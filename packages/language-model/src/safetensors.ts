/**
 * The safetensors file format: 8 bytes of header length, a JSON header, then the tensors' bytes without gaps.
 *
 * A file may come from a stranger, so the reader is strict where the format leaves room: a bounded header, a bounded
 * number of tensors, no key twice, no gap, overlap or trailing byte, sizes that equal the product of the shape.
 *
 * @see https://github.com/huggingface/safetensors#format
 */
import { LanguageModelError } from './error.ts'
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from './float16.ts'
import { isModest } from './json-file.ts'
import { duplicateKey } from './json-keys.ts'

const MAX_HEADER_BYTES = 1 << 20
const MAX_TENSORS = 4096
const MAX_ELEMENTS = 32 * MAX_TENSORS
const MAX_DIMENSIONS = 8
const BYTES_PER_ELEMENT = { F32: 4, F16: 2, BF16: 2 } as const

export type TensorDtype = keyof typeof BYTES_PER_ELEMENT

export type StoredTensor = {
  dtype: TensorDtype
  shape: readonly number[]
  /** Little-endian elements, row-major. */
  bytes: Uint8Array
}

export type SafetensorsFile = {
  tensors: Map<string, StoredTensor>
  /** The `__metadata__` of the header. */
  metadata: Record<string, string>
}

/**
 * Parses a whole file; the tensors are views into `file`.
 *
 * @throws {LanguageModelError} `safetensors.header_invalid`, `safetensors.layout_invalid`, `safetensors.dtype_unsupported`
 */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const { header, dataStart } = readHeader(file)
  const metadata = readMetadata(header.__metadata__)
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
  if (entries.length > MAX_TENSORS) {
    throw headerInvalid('it lists too many tensors', { tensors: entries.length, max: MAX_TENSORS })
  }
  const located = entries.map(([name, entry]) => ({ name, ...readEntry(name, entry) }))
  located.sort((a, b) => a.start - b.start || a.end - b.end)
  const tensors = new Map<string, StoredTensor>()
  let next = 0
  for (const { name, dtype, shape, start, end } of located) {
    if (start !== next) {
      throw layoutInvalid('tensors leave a gap or overlap', { tensor: name.slice(0, 100), start, expected: next })
    }
    next = end
    tensors.set(name, { dtype, shape, bytes: file.subarray(dataStart + start, dataStart + end) })
  }
  if (dataStart + next !== file.length) {
    throw layoutInvalid('the file does not end where its last tensor ends', {
      bytes: file.length,
      expected: dataStart + next,
    })
  }
  return { tensors, metadata }
}

/** Writes tensors in the order of their names; equal content gives equal bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))
  const header: [name: string, entry: unknown][] = [['__metadata__', metadata]]
  let size = 0
  for (const [name, { dtype, shape, bytes }] of sorted) {
    header.push([name, { dtype, shape, data_offsets: [size, size + bytes.length] }])
    size += bytes.length
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const padded = Math.ceil(json.length / 8) * 8 // so that tensors lie on 8-byte borders
  const file = new Uint8Array(8 + padded + size).fill(0x20, 8, 8 + padded)
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true)
  file.set(json, 8)
  let offset = 8 + padded
  for (const [, { bytes }] of sorted) {
    file.set(bytes, offset)
    offset += bytes.length
  }
  return file
}

/** A tensor's elements as floats; exact for every stored type. */
export function toFloat32(tensor: StoredTensor): Float32Array {
  // An own copy, aligned and free of the file's buffer; `slice` would not do, for a Buffer's is a view.
  const bytes = new Uint8Array(tensor.bytes)
  if (tensor.dtype === 'F32') return new Float32Array(bytes.buffer)
  const bits = new Uint16Array(bytes.buffer)
  return tensor.dtype === 'F16' ? fromFloat16(bits) : fromBfloat16(bits)
}

/**
 * A weight's elements as floats.
 *
 * @throws {LanguageModelError} `safetensors.value_invalid` for one that is infinite or no number: whatever is computed
 *   with it is worth nothing
 */
export function toFiniteFloat32(name: string, tensor: StoredTensor): Float32Array {
  const values = toFloat32(tensor)
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!)) continue
    throw new LanguageModelError('safetensors.value_invalid', 'A tensor has an element that is no finite number.', {
      facts: { tensor: name.slice(0, 100), element: i, value: String(values[i]) },
      nextStep: 'Train the model again with a lower learning rate, or get the file again.',
    })
  }
  return values
}

/** Floats as a tensor to be written, rounded to the nearest where `dtype` is shorter. */
export function storeTensor(values: Float32Array, shape: readonly number[], dtype: TensorDtype): StoredTensor {
  const elements = dtype === 'F32' ? values : dtype === 'F16' ? toFloat16(values) : toBfloat16(values)
  return { dtype, shape, bytes: new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength) }
}

function readHeader(file: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (file.length < 8) throw headerInvalid('the file is too short to have one', { bytes: file.length })
  const length = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(MAX_HEADER_BYTES)) throw headerInvalid('it is too long', { length, max: MAX_HEADER_BYTES })
  const dataStart = 8 + Number(length)
  if (dataStart > file.length) throw headerInvalid('it runs past the end of the file', { length, bytes: file.length })
  if (!isModest(file.subarray(8, dataStart), MAX_ELEMENTS))
    throw headerInvalid('it lists or nests too much', { length })
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, dataStart))
    header = JSON.parse(text)
  } catch (cause) {
    throw headerInvalid('it is not JSON', { length }, cause)
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw headerInvalid('it is not an object', { length })
  }
  const repeated = duplicateKey(text)
  if (repeated !== undefined) throw headerInvalid('it has a key twice', { key: repeated.slice(0, 100) })
  return { header: header as Record<string, unknown>, dataStart }
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {}
  const isStrings =
    typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'string')
  if (!isStrings) throw headerInvalid('its __metadata__ is not a map of strings', {})
  return value as Record<string, string>
}

function readEntry(name: string, entry: unknown): Omit<StoredTensor, 'bytes'> & { start: number; end: number } {
  const { dtype, shape, data_offsets: offsets, ...others } = (entry ?? {}) as Record<string, unknown>
  if (Object.keys(others).length > 0)
    throw headerInvalid('a tensor has a field that is not known', { tensor: name.slice(0, 100) })
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES_PER_ELEMENT, dtype)) {
    throw new LanguageModelError(
      'safetensors.dtype_unsupported',
      `Tensors of this type are not read: ${String(dtype).slice(0, 20)}.`,
      {
        facts: { tensor: name.slice(0, 100), dtype: String(dtype).slice(0, 20) },
        nextStep: 'Save the weights as F32, F16 or BF16.',
      },
    )
  }
  if (!isCounts(shape) || shape.length > MAX_DIMENSIONS)
    throw headerInvalid('a shape is not valid', { tensor: name.slice(0, 100) })
  if (!isCounts(offsets) || offsets.length !== 2)
    throw headerInvalid('data_offsets are not valid', { tensor: name.slice(0, 100) })
  const [start, end] = offsets as [number, number]
  // BigInt: the product of eight dimensions may pass 2^53 and come back as a small number.
  const size = shape.reduce((product, dim) => product * BigInt(dim), BigInt(BYTES_PER_ELEMENT[dtype as TensorDtype]))
  if (BigInt(end) - BigInt(start) !== size) {
    throw layoutInvalid("a tensor's bytes are not the product of its shape", {
      tensor: name.slice(0, 100),
      size,
      start,
      end,
    })
  }
  return { dtype: dtype as TensorDtype, shape, start, end }
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0)
}

function headerInvalid(why: string, facts: Record<string, string | number | bigint>, cause?: unknown) {
  return new LanguageModelError('safetensors.header_invalid', `The safetensors header is refused: ${why}.`, {
    facts,
    nextStep: 'Get the file again, or save it again with the safetensors library.',
    cause,
  })
}

function layoutInvalid(why: string, facts: Record<string, string | number | bigint>) {
  return new LanguageModelError('safetensors.layout_invalid', `The safetensors file is refused: ${why}.`, {
    facts,
    nextStep: 'Get the file again, or save it again with the safetensors library.',
  })
}
