/**
 * WAV files as samples. What the header claims is held against the bytes that are there.
 *
 * @see Multimedia Programming Interface and Data Specifications 1.0 (Microsoft and IBM, 1991), "Waveform Audio File Format"
 */
import { recordInvalid } from './record-invalid.ts'

export type Sound = {
  /** Samples a second. */
  rate: number
  /** From -1 to 1, the mean of all channels. */
  samples: Float32Array
}

export const MAX_SECONDS = 120
const MAX_CHANNELS = 8
const RATES = { min: 4_000, max: 192_000 } as const

const PCM = 1
const FLOAT = 3
const EXTENSIBLE = 0xfffe

type Format = { encoding: number; channels: number; rate: number; bits: number }

/** @throws {TrainingError} `training.record_invalid` with what is wrong with the file */
export function decodeWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length < 44 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') {
    throw recordInvalid('audio', 'it is no WAV file', { bytes: bytes.length })
  }
  let format: Format | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [name, length] = [tag(at), view.getUint32(at + 4, true)]
    if (at + 8 + length > bytes.length) {
      throw recordInvalid('audio', 'a part is said to be longer than the file', { part: printable(name), length })
    }
    if (name === 'fmt ') {
      if (format !== undefined) throw recordInvalid('audio', 'it has two formats', {})
      format = readFormat(view, at + 8, length)
    } else if (name === 'data') {
      if (format === undefined) throw recordInvalid('audio', 'its samples come before their format', {})
      return readSamples(view, at + 8, length, format)
    }
    at += 8 + length + (length % 2)
  }
  throw recordInvalid('audio', 'it has no samples', { bytes: bytes.length })
}

function readFormat(view: DataView, at: number, length: number): Format {
  if (length < 16) throw recordInvalid('audio', 'its format is cut off', { length })
  const tag = view.getUint16(at, true)
  const encoding = tag === EXTENSIBLE && length >= 26 ? view.getUint16(at + 24, true) : tag
  const [channels, rate] = [view.getUint16(at + 2, true), view.getUint32(at + 4, true)]
  const [frameBytes, bits] = [view.getUint16(at + 12, true), view.getUint16(at + 14, true)]
  const isKnown = encoding === PCM ? [8, 16, 24, 32].includes(bits) : encoding === FLOAT && bits === 32
  if (!isKnown) throw recordInvalid('audio', 'only PCM and 32-bit float are read', { encoding, bits })
  if (channels < 1 || channels > MAX_CHANNELS || rate < RATES.min || rate > RATES.max) {
    throw recordInvalid('audio', 'it has no such channels or rate', { channels, rate })
  }
  if (frameBytes !== (channels * bits) / 8) {
    throw recordInvalid('audio', 'its frame is not its channels times their bits', { frameBytes, channels, bits })
  }
  return { encoding, channels, rate, bits }
}

function readSamples(view: DataView, at: number, length: number, { encoding, channels, rate, bits }: Format): Sound {
  const width = bits / 8
  const frames = Math.floor(length / (width * channels))
  if (frames === 0) throw recordInvalid('audio', 'it has no samples', { length })
  if (frames > rate * MAX_SECONDS) {
    throw recordInvalid('audio', 'it is too long', { seconds: Math.round(frames / rate), maxSeconds: MAX_SECONDS })
  }
  const samples = new Float32Array(frames)
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) {
      sum += sampleAt(view, at + (frame * channels + channel) * width, encoding, bits)
    }
    samples[frame] = sum / channels
  }
  const wrong = samples.findIndex((sample) => !Number.isFinite(sample) || Math.abs(sample) > 1e4)
  if (wrong >= 0) throw recordInvalid('audio', 'a sample is no sensible number', { frame: wrong })
  return { rate, samples }
}

function sampleAt(view: DataView, at: number, encoding: number, bits: number): number {
  if (encoding === FLOAT) return view.getFloat32(at, true)
  if (bits === 8) return (view.getUint8(at) - 128) / 128
  if (bits === 16) return view.getInt16(at, true) / 2 ** 15
  if (bits === 24) return (view.getUint8(at) + view.getInt16(at + 1, true) * 256) / 2 ** 23
  return view.getInt32(at, true) / 2 ** 31
}

function printable(name: string): string {
  return name.replace(/[^ -~]/g, '?')
}
