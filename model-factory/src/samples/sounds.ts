/** An audio Datanet without strangers' rights: half a second each of sounds that these lines make. */
import { type Random, seededRandom } from '@openledger/language-model'
import type { SampleFile } from './shapes.ts'

const RATE = 16_000
const SAMPLES = 8_000

/** The sound at a time, from -1 to 1, given its pitch: `turn` is time times pitch. */
const SOUNDS: Readonly<Record<string, (turn: number, part: number, random: Random) => number>> = {
  buzz: (turn) => (turn % 1 < 0.5 ? 0.8 : -0.8),
  noise: (_, __, random) => 2 * random.uniform() - 1,
  pluck: (turn, part) => Math.exp(-8 * part) * Math.sin(2 * Math.PI * turn),
  sweep: (turn, part) => Math.sin(2 * Math.PI * turn * (1 + 3 * part)),
  tone: (turn) => Math.sin(2 * Math.PI * turn),
}

/** @param each files of each of the five sounds; the same seed gives the same bytes */
export function sampleSounds(each = 10, seed = 1): SampleFile[] {
  const random = seededRandom(seed)
  return Array.from({ length: each }, (_, i) =>
    Object.entries(SOUNDS).map(([name, soundAt]) => {
      const [pitchHz, loudness] = [180 + random.below(600), 0.3 + 0.6 * random.uniform()]
      const samples = Float64Array.from({ length: SAMPLES }, (_, n) => {
        const wave = soundAt((n * pitchHz) / RATE, n / SAMPLES, random)
        return loudness * wave + 0.01 * random.normal()
      })
      return { title: `${name}/${String(i).padStart(3, '0')}.wav`, mediaType: 'audio/wav', bytes: toWav(samples, RATE) }
    }),
  ).flat()
}

/** 16-bit PCM, one channel. */
export function toWav(samples: ArrayLike<number>, rate: number): Uint8Array {
  const bytes = Buffer.alloc(44 + 2 * samples.length)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(36 + 2 * samples.length, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(rate, 24)
  bytes.writeUInt32LE(rate * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(2 * samples.length, 40)
  for (let i = 0; i < samples.length; i++) {
    bytes.writeInt16LE(Math.round(32_767 * Math.max(-1, Math.min(1, samples[i]!))), 44 + 2 * i)
  }
  return new Uint8Array(bytes)
}
