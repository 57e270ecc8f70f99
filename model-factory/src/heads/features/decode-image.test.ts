import { deflateSync } from 'node:zlib'
import { encode } from 'fast-png'
import jpeg from 'jpeg-js'
import { describe, expect, it } from 'vitest'
import { decodeImage, MAX_PIXELS } from './decode-image.ts'

const gradient = (channels: number, side = 16) =>
  Uint8Array.from({ length: side * side * channels }, (_, i) => (i * 7) % 256)
const png = (channels: 1 | 2 | 3 | 4) => encode({ width: 16, height: 16, data: gradient(channels), depth: 8, channels })
const jpegFile = () => {
  const data = Buffer.from(Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => (i % 4 === 3 ? 255 : 120)))
  return new Uint8Array(jpeg.encode({ width: 16, height: 16, data }, 95).data)
}

/** A PNG made by hand. */
function pngOf(header: { width: number; height: number; depth: number; colour: number }, raw: Uint8Array, extra = '') {
  const ihdr = Buffer.alloc(13)
  ihdr.writeUInt32BE(header.width, 0)
  ihdr.writeUInt32BE(header.height, 4)
  ihdr.set([header.depth, header.colour, 0, 0, 0], 8)
  const parts = [Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', ihdr)]
  if (header.colour === 3) parts.push(chunk('PLTE', Buffer.from([255, 0, 0, 0, 0, 255])))
  if (extra !== '') parts.push(chunk(extra, Buffer.alloc(70_000)))
  return new Uint8Array(Buffer.concat([...parts, chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]))
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.set(body, 4)
  bytes.writeUInt32BE(crc(body), 8 + data.length)
  return bytes
}

function crc(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) {
    value ^= byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  }
  return (value ^ 0xffffffff) >>> 0
}

const refused = (bytes: Uint8Array) => {
  try {
    decodeImage(bytes)
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'read'
}

describe('an image', () => {
  it('of any kind of PNG has the colours that were written', () => {
    const grey = decodeImage(png(1))
    expect(grey.rgb[3 * 5]).toBeCloseTo(35 / 255, 6)
    expect(decodeImage(png(3)).rgb[4]).toBeCloseTo(28 / 255, 6)
    const [value, alpha] = [gradient(2)[2]! / 255, gradient(2)[3]! / 255]
    expect(decodeImage(png(2)).rgb[3]).toBeCloseTo(1 - alpha + alpha * value, 6)
    expect(decodeImage(png(4)).rgb).toHaveLength(16 * 16 * 3)
  })

  it('of one bit a pixel, with a palette or without, has them too', () => {
    // 10 pixels wide: the row ends within a byte.
    const raw = Uint8Array.of(0, 0b10100000, 0b01000000)
    const grey = decodeImage(pngOf({ width: 10, height: 1, depth: 1, colour: 0 }, raw))
    expect(Array.from({ length: 10 }, (_, x) => grey.rgb[x * 3])).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 0, 1])
    const indexed = decodeImage(pngOf({ width: 10, height: 1, depth: 1, colour: 3 }, raw))
    expect([...indexed.rgb.subarray(0, 6)]).toEqual([0, 0, 1, 1, 0, 0])
  })

  it('of a JPEG is nearly what was written', () => {
    const { width, rgb } = decodeImage(jpegFile())
    expect(width).toBe(16)
    expect(rgb[100]).toBeCloseTo(120 / 255, 1)
  })

  it('that claims more pixels than are read is refused before it is unpacked', () => {
    const side = Math.ceil(Math.sqrt(MAX_PIXELS)) + 1
    expect(refused(pngOf({ width: side, height: side, depth: 8, colour: 2 }, new Uint8Array(10)))).toBe(
      'training.record_invalid',
    )
    const bytes = jpegFile()
    const frame = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0)
    bytes.set([0xff, 0xff, 0xff, 0xff], frame + 5)
    expect(refused(bytes)).toBe('training.record_invalid')
  })

  it('whose data unpack to more than its size is refused without taking that memory', () => {
    const bomb = pngOf({ width: 2, height: 2, depth: 8, colour: 0 }, new Uint8Array(64 * 1024 * 1024))
    const before = process.memoryUsage().arrayBuffers
    expect(refused(bomb)).toBe('training.record_invalid')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
  })

  it('cut off anywhere is refused with the same error', () => {
    for (const bytes of [png(3), jpegFile()]) {
      for (let end = 0; end < bytes.length - 1; end += 7) {
        expect([end, refused(bytes.subarray(0, end))]).toEqual([end, 'training.record_invalid'])
      }
    }
  })

  it('with any byte changed is read or refused, and nothing else', () => {
    for (const bytes of [png(3), jpegFile()]) {
      for (let at = 0; at < bytes.length; at += 3) {
        const changed = bytes.slice()
        changed[at]! ^= 0xff
        expect(['read', 'training.record_invalid']).toContain(refused(changed))
      }
    }
  })

  it('with text chunks that are too long, or of another format, is refused', () => {
    const raw = new Uint8Array(2)
    expect(refused(pngOf({ width: 1, height: 1, depth: 8, colour: 0 }, raw, 'zTXt'))).toBe('training.record_invalid')
    expect(refused(new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe(
      'training.record_invalid',
    )
  })
})
