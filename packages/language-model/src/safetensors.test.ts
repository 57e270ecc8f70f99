import { describe, expect, it } from 'vitest'
import { readSafetensors, storeTensor, toFloat32, writeSafetensors } from './safetensors.ts'

/** A file with any header and so many bytes of data. */
function fileWith(header: string, dataBytes: number, headerLength?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header)
  const file = new Uint8Array(8 + json.length + dataBytes)
  new DataView(file.buffer).setBigUint64(0, headerLength ?? BigInt(json.length), true)
  file.set(json, 8)
  return file
}

function entry(shape: number[], start: number, end: number, dtype = 'F32'): string {
  return JSON.stringify({ dtype, shape, data_offsets: [start, end] })
}

describe('safetensors', () => {
  const values = Float32Array.of(0, -1.5, 3.140625, 65504, 2 ** -24, -0)

  it.each(['F32', 'F16', 'BF16'] as const)('%s tensors come back as they were written', (dtype) => {
    const written = new Map([
      ['b', storeTensor(values, [2, 3], dtype)],
      ['a', storeTensor(Float32Array.of(1), [], dtype)],
    ])
    const { tensors, metadata } = readSafetensors(writeSafetensors(written, { format: 'pt' }))
    expect([...tensors.keys()]).toEqual(['a', 'b'])
    expect(metadata).toEqual({ format: 'pt' })
    expect(tensors.get('b')!.shape).toEqual([2, 3])
    const read = toFloat32(tensors.get('b')!)
    values.forEach((value, i) => {
      if (dtype === 'BF16') expect(Math.abs(read[i]! - value)).toBeLessThanOrEqual(Math.abs(value) / 256)
      else expect(read[i]).toBe(value)
    })
  })

  it('rounds to the nearest half and bfloat, ties to even', () => {
    const ties = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11)
    expect([...toFloat32(storeTensor(ties, [2], 'F16'))]).toEqual([1, 1 + 2 ** -9])
    const wide = Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, Number.NaN, Number.POSITIVE_INFINITY)
    expect([...toFloat32(storeTensor(wide, [4], 'BF16'))]).toEqual([
      1,
      1 + 2 ** -6,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ])
  })

  it('equal tensors make equal files, in whatever order they come', () => {
    const a = storeTensor(values, [6], 'F16')
    const b = storeTensor(values, [3, 2], 'F32')
    const one = writeSafetensors(new Map([['a', a], ['b', b]])) // biome-ignore format: one line reads better
    const other = writeSafetensors(new Map([['b', b], ['a', a]])) // biome-ignore format: one line reads better
    expect(one).toEqual(other)
  })

  it.each<[string, Uint8Array, string]>([
    ['too short for a header', new Uint8Array(7), 'safetensors.header_invalid'],
    ['whose header is a bomb', fileWith('{}', 0, 1n << 40n), 'safetensors.header_invalid'],
    ['whose header runs past its end', fileWith('{}', 0, 3n), 'safetensors.header_invalid'],
    ['whose header is no JSON', fileWith('{"a":', 0), 'safetensors.header_invalid'],
    ['whose header is no UTF-8', new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0xff]), 'safetensors.header_invalid'],
    ['whose header is a list', fileWith('[]', 0), 'safetensors.header_invalid'],
    ['whose metadata are no strings', fileWith('{"__metadata__":{"a":1}}', 0), 'safetensors.header_invalid'],
    [
      'that has a tensor twice',
      fileWith(`{"a":${entry([1], 0, 4)},"a":${entry([1], 0, 4)}}`, 4),
      'safetensors.header_invalid',
    ],
    [
      'that has a tensor twice, once escaped',
      fileWith(`{"a":${entry([1], 0, 4)},"\\u0061":${entry([1], 0, 4)}}`, 4),
      'safetensors.header_invalid',
    ],
    [
      'that has a field twice',
      fileWith('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
      'safetensors.header_invalid',
    ],
    [
      'whose tensor has a strange field',
      fileWith('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}', 4),
      'safetensors.header_invalid',
    ],
    ['whose tensor is null', fileWith('{"a":null}', 0), 'safetensors.dtype_unsupported'],
    ['of a type that is not read', fileWith(`{"a":${entry([1], 0, 8, 'F64')}}`, 8), 'safetensors.dtype_unsupported'],
    [
      'of a type named like a method',
      fileWith(`{"a":${entry([1], 0, 8, 'toString')}}`, 8),
      'safetensors.dtype_unsupported',
    ],
    ['with a negative dimension', fileWith(`{"a":${entry([-1, -1], 0, 4)}}`, 4), 'safetensors.header_invalid'],
    ['with a fractional dimension', fileWith(`{"a":${entry([0.5, 2], 0, 4)}}`, 4), 'safetensors.header_invalid'],
    ['with nine dimensions', fileWith(`{"a":${entry(Array(9).fill(1), 0, 4)}}`, 4), 'safetensors.header_invalid'],
    [
      'whose shape overflows to its size',
      fileWith(`{"a":${entry([2 ** 32, 2 ** 32, 2 ** 2], 0, 0)}}`, 0),
      'safetensors.layout_invalid',
    ],
    ['whose shape is not its size', fileWith(`{"a":${entry([2], 0, 4)}}`, 4), 'safetensors.layout_invalid'],
    ['whose offsets run backwards', fileWith(`{"a":${entry([1], 4, 0)}}`, 4), 'safetensors.layout_invalid'],
    ['with a gap', fileWith(`{"a":${entry([1], 0, 4)},"b":${entry([1], 8, 12)}}`, 12), 'safetensors.layout_invalid'],
    ['with a gap before the first tensor', fileWith(`{"a":${entry([1], 4, 8)}}`, 8), 'safetensors.layout_invalid'],
    ['with an overlap', fileWith(`{"a":${entry([2], 0, 8)},"b":${entry([1], 4, 8)}}`, 8), 'safetensors.layout_invalid'],
    ['with bytes after the last tensor', fileWith(`{"a":${entry([1], 0, 4)}}`, 5), 'safetensors.layout_invalid'],
    ['that is cut off', fileWith(`{"a":${entry([1], 0, 4)}}`, 3), 'safetensors.layout_invalid'],
    [
      'with too many tensors',
      fileWith(
        JSON.stringify(
          Object.fromEntries(
            Array.from({ length: 4097 }, (_, i) => [i, { dtype: 'F32', shape: [0], data_offsets: [0, 0] }]),
          ),
        ),
        0,
      ),
      'safetensors.header_invalid',
    ],
  ])('a file %s is refused', (_, file, code) => {
    expect(() => readSafetensors(file)).toThrow(expect.objectContaining({ code }))
  })

  it('refuses any file that is cut off anywhere', () => {
    const file = writeSafetensors(new Map([['a', storeTensor(values, [6], 'F32')]]))
    for (let length = 0; length < file.length; length++) {
      expect(() => readSafetensors(file.subarray(0, length))).toThrow(
        expect.objectContaining({ name: 'LanguageModelError' }),
      )
    }
  })

  it('reads a file out of the middle of a Buffer', () => {
    const file = writeSafetensors(new Map([['a', storeTensor(values, [6], 'F32')]]))
    const shared = Buffer.concat([Buffer.alloc(3), file, Buffer.alloc(5)]).subarray(3, 3 + file.length)
    expect(toFloat32(readSafetensors(shared).tensors.get('a')!)).toEqual(values)
  })

  it('reads tensors without elements', () => {
    const { tensors } = readSafetensors(fileWith(`{"a":${entry([0, 3], 0, 0)},"b":${entry([1], 0, 4)}}`, 4))
    expect(toFloat32(tensors.get('a')!)).toHaveLength(0)
  })
})
