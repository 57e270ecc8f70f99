import { describe, expect, it } from 'vitest'
import { toWav } from '../../samples/sounds.ts'
import { audioFeatures, logMel } from './audio-features.ts'
import { decodeWav } from './decode-wav.ts'
import { powerSpectrum } from './fourier.ts'

const tone = (hz: number, rate: number, seconds = 0.5) =>
  Float64Array.from({ length: rate * seconds }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / rate))

const refused = (bytes: Uint8Array) => {
  try {
    audioFeatures(bytes)
  } catch (error) {
    return (error as { code?: string }).code
  }
  return 'read'
}

describe('the power spectrum', () => {
  it('is what the sum over all samples says, and keeps the energy', () => {
    const samples = Float64Array.from({ length: 32 }, (_, n) => Math.sin(n * n))
    const power = powerSpectrum(samples)
    for (let k = 0; k <= 16; k++) {
      let [re, im] = [0, 0]
      samples.forEach((value, n) => {
        re += value * Math.cos((2 * Math.PI * k * n) / 32)
        im -= value * Math.sin((2 * Math.PI * k * n) / 32)
      })
      expect(power[k]).toBeCloseTo(re * re + im * im, 9)
    }
    const energy = power.reduce((sum, value, k) => sum + (k === 0 || k === 16 ? value : 2 * value), 0) / 32
    expect(energy).toBeCloseTo(
      samples.reduce((sum, value) => sum + value * value, 0),
      9,
    )
  })
})

describe('what a head sees of a sound', () => {
  const loudest = (features: Float64Array) => features.indexOf(Math.max(...features.subarray(0, 40)))

  it('is loudest in the band of its pitch, whatever the rate of its file', () => {
    const bands = [440, 1000, 3000].map((hz) => loudest(audioFeatures(toWav(tone(hz, 16_000), 16_000))))
    expect(bands[0]).toBeLessThan(bands[1]!)
    expect(bands[1]).toBeLessThan(bands[2]!)
    for (const rate of [8_000, 44_100, 48_000]) {
      expect(loudest(audioFeatures(toWav(tone(1000, rate), rate)))).toBe(bands[1])
    }
  })

  it('is one frame where the sound is shorter', () => {
    expect(logMel(new Float64Array(3))).toHaveLength(1)
  })

  it('reads 8, 16, 24 and 32 bits, floats and two channels alike', () => {
    const wide = (bits: number, encoding: number, channels: number, write: (b: Buffer, at: number) => void) => {
      const width = bits / 8
      const bytes = Buffer.from(toWav(new Float64Array(0), 16_000).slice(0, 44))
      const data = Buffer.alloc(width * channels * 4)
      for (let i = 0; i < channels * 4; i++) write(data, i * width)
      bytes.writeUInt16LE(encoding, 20)
      bytes.writeUInt16LE(channels, 22)
      bytes.writeUInt16LE(width * channels, 32)
      bytes.writeUInt16LE(bits, 34)
      bytes.writeUInt32LE(data.length, 40)
      return new Uint8Array(Buffer.concat([bytes, data]))
    }
    const files = [
      wide(8, 1, 1, (b, at) => b.writeUInt8(192, at)),
      wide(16, 1, 2, (b, at) => b.writeInt16LE(0x4000, at)),
      wide(24, 1, 1, (b, at) => b.writeIntLE(0x400000, at, 3)),
      wide(32, 1, 1, (b, at) => b.writeInt32LE(0x40000000, at)),
      wide(32, 3, 1, (b, at) => b.writeFloatLE(0.5, at)),
    ]
    for (const file of files) expect([...decodeWav(file).samples]).toEqual([0.5, 0.5, 0.5, 0.5])
  })
})

describe('a WAV file', () => {
  const wav = toWav(tone(440, 16_000, 0.05), 16_000)
  const changed = (at: number, value: number, width: 2 | 4) => {
    const bytes = Buffer.from(wav)
    if (width === 2) bytes.writeUInt16LE(value, at)
    else bytes.writeUInt32LE(value, at)
    return new Uint8Array(bytes)
  }

  it.each([
    ['more samples than there are bytes', changed(40, 0xfffffff0, 4)],
    ['a format longer than the file', changed(16, 0x7fffffff, 4)],
    ['no channels', changed(22, 0, 2)],
    ['65,535 channels', changed(22, 65_535, 2)],
    ['a rate of 0', changed(24, 0, 4)],
    ['a rate of four billion', changed(24, 0xffffffff, 4)],
    ['12 bits', changed(34, 12, 2)],
    ['a frame that is not its channels times their bits', changed(32, 7, 2)],
    ['a compressed format', changed(20, 85, 2)],
    ['no samples', wav.slice(0, 36)],
    ['another container', new TextEncoder().encode('OggS'.padEnd(60, '\0'))],
  ])('that claims %s is refused', (_, bytes) => {
    expect(refused(bytes)).toBe('training.record_invalid')
  })

  it('longer than two minutes is refused', () => {
    expect(refused(toWav(new Float64Array(4_000 * 121), 4_000))).toBe('training.record_invalid')
  })

  it('with samples that are no numbers is refused', () => {
    const bytes = changed(34, 32, 2)
    const view = new DataView(bytes.buffer)
    view.setUint16(20, 3, true)
    view.setUint16(32, 4, true)
    view.setFloat32(44, Number.NaN, true)
    expect(refused(bytes)).toBe('training.record_invalid')
  })

  it('cut off anywhere is refused', () => {
    for (let end = 0; end < wav.length - 1; end += 13) {
      expect([end, refused(wav.subarray(0, end))]).toEqual([end, 'training.record_invalid'])
    }
  })
})
