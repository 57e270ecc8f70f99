/**
 * PNG and JPEG as pixels. Files come from strangers: what they claim is read and bounded before anything is unpacked, so
 * that a few kilobytes cannot fill the memory.
 */
import { inflateSync } from 'node:zlib'
import { decode as decodePng } from 'fast-png'
import jpeg from 'jpeg-js'
import { recordInvalid } from './record-invalid.ts'

export type Pixels = {
  width: number
  height: number
  /** `[height, width, 3]`, red, green, blue from 0 to 1, laid on white where the image is transparent. */
  rgb: Float32Array
}

/** Greatest image, pixels. Who has larger ones scales them down first: 32 x 32 is what is looked at. */
export const MAX_PIXELS = 4_194_304
const MAX_FILE_BYTES = 16_777_216

const PNG_SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10]

/** @throws {TrainingError} `training.record_invalid` with what is wrong with the file */
export function decodeImage(bytes: Uint8Array): Pixels {
  if (bytes.length > MAX_FILE_BYTES) throw recordInvalid('image', 'the file is too large', { bytes: bytes.length })
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return fromPng(bytes)
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return fromJpeg(bytes)
  throw recordInvalid('image', 'it is neither PNG nor JPEG', { bytes: bytes.length })
}

function fromPng(bytes: Uint8Array): Pixels {
  requirePng(bytes)
  let image: ReturnType<typeof decodePng>
  try {
    image = decodePng(bytes, { checkCrc: true })
  } catch (cause) {
    throw recordInvalid('image', 'the PNG is broken', { bytes: bytes.length }, cause)
  }
  const { width, height, channels, depth, data, palette } = image
  const greatest = depth === 16 ? 65_535 : palette === undefined ? 2 ** depth - 1 : 255
  return flatten(width, height, (pixel) => {
    if (palette !== undefined) return (palette[indexAt(data, pixel, width, depth)] ?? [0, 0, 0]).map((v) => v / 255)
    if (depth < 8) return [indexAt(data, pixel, width, depth) / greatest]
    return Array.from(data.subarray(pixel * channels, (pixel + 1) * channels), (value) => value / greatest)
  })
}

/** A pixel of less than a byte: rows begin at whole bytes, the first pixel in the highest bits. */
function indexAt(data: ArrayLike<number>, pixel: number, width: number, depth: number): number {
  if (depth >= 8) return data[pixel]!
  const rowBytes = Math.ceil((width * depth) / 8)
  const bit = (pixel % width) * depth
  const byte = data[Math.floor(pixel / width) * rowBytes + (bit >> 3)]!
  return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1)
}

/** Checks the chunks, the claimed size, and that the packed data unpack to what that size needs and to no byte more. */
function requirePng(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const packed: Uint8Array[] = []
  let expected = -1
  let isEnded = false
  for (let at = 8; at + 12 <= bytes.length && !isEnded; ) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (at + 12 + length > bytes.length) throw recordInvalid('image', 'the PNG is cut off', { chunk: type, length })
    if (type === 'IHDR') expected = pngBytes(view, at + 8, length)
    else if (type === 'IDAT') packed.push(bytes.subarray(at + 8, at + 8 + length))
    // Compressed texts and profiles say nothing of the pixels, and could be bombs themselves.
    else if (['zTXt', 'iTXt', 'iCCP'].includes(type) && length > 65_536) {
      throw recordInvalid('image', 'the PNG has a text or profile that is too long', { chunk: type, length })
    } else if (type === 'acTL') throw recordInvalid('image', 'animated PNGs are not read', { chunk: type })
    isEnded = type === 'IEND'
    at += 12 + length
  }
  if (expected < 0 || !isEnded) throw recordInvalid('image', 'the PNG is cut off', { bytes: bytes.length })
  let unpacked: number
  try {
    unpacked = inflateSync(Buffer.concat(packed), { maxOutputLength: expected }).length
  } catch (cause) {
    throw recordInvalid('image', 'the PNG unpacks to more than its size, or not at all', { expected }, cause)
  }
  if (unpacked !== expected) throw recordInvalid('image', 'the PNG is cut off', { unpacked, expected })
}

/** Bytes that the pixels take before packing, each row with its filter's byte. */
function pngBytes(view: DataView, at: number, length: number): number {
  if (length !== 13) throw recordInvalid('image', 'the PNG has no valid header', { length })
  const [width, height] = [view.getUint32(at), view.getUint32(at + 4)]
  const [depth, colour, interlaced] = [view.getUint8(at + 8), view.getUint8(at + 9), view.getUint8(at + 12)]
  requireSize(width, height)
  const channels = [1, 0, 3, 1, 2, 0, 4][colour] ?? 0
  if (channels === 0 || ![1, 2, 4, 8, 16].includes(depth)) {
    throw recordInvalid('image', 'the PNG has no valid header', { depth, colour })
  }
  if (interlaced !== 0) throw recordInvalid('image', 'interlaced PNGs are not read', { interlaced })
  return height * (1 + Math.ceil((width * channels * depth) / 8))
}

function fromJpeg(bytes: Uint8Array): Pixels {
  requireJpeg(bytes)
  let image: { width: number; height: number; data: Uint8Array }
  try {
    image = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: 256,
    })
  } catch (cause) {
    throw recordInvalid('image', 'the JPEG is broken', { bytes: bytes.length }, cause)
  }
  const { width, height, data } = image
  requireSize(width, height)
  return flatten(width, height, (pixel) => Array.from(data.subarray(pixel * 3, pixel * 3 + 3), (value) => value / 255))
}

/** Every frame header's size before anything is decoded, and that the file ends as one: a part of an image is not read. */
function requireJpeg(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let frames = 0
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!
    if (marker === 0xda) break
    const length = view.getUint16(at + 2)
    if (length < 2 || at + 2 + length > bytes.length) {
      throw recordInvalid('image', 'the JPEG is cut off', { marker, length })
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame && length >= 8) {
      frames++
      requireSize(view.getUint16(at + 7), view.getUint16(at + 5))
    }
    at += 2 + length
  }
  if (frames !== 1) throw recordInvalid('image', 'the JPEG has no frame, or several', { frames })
  const end = bytes.findLastIndex((byte) => byte !== 0)
  if (bytes[end] !== 0xd9 || bytes[end - 1] !== 0xff) {
    throw recordInvalid('image', 'the JPEG is cut off', { bytes: bytes.length })
  }
}

function requireSize(width: number, height: number): void {
  if (width >= 1 && height >= 1 && width * height <= MAX_PIXELS) return
  throw recordInvalid('image', 'it has no pixels, or too many', { width, height, maxPixels: MAX_PIXELS })
}

/** @param pixelOf 1 grey, 2 grey and alpha, 3 or 4 colours and alpha, each from 0 to 1 */
function flatten(width: number, height: number, pixelOf: (pixel: number) => number[]): Pixels {
  const rgb = new Float32Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const values = pixelOf(pixel)
    const isGrey = values.length < 3
    const alpha = (isGrey ? values[1] : values[3]) ?? 1
    for (let channel = 0; channel < 3; channel++) {
      rgb[pixel * 3 + channel] = 1 - alpha + alpha * values[isGrey ? 0 : channel]!
    }
  }
  return { width, height, rgb }
}
