/**
 * What a head sees of a sound: how loud each band of pitch is, and how much that changes.
 *
 *   rate          16,000 a second, by straight lines between samples (after averaging, where there were more)
 *   frames        400 samples (25 ms), 160 apart, Hann window, FFT of 512 points
 *   bands    [40] triangles on the mel scale from 20 Hz to 8 kHz; log(power + 1e-6)
 *   features [80] mean and deviation of each band over time
 *
 * @see Davis & Mermelstein 1980; O'Shaughnessy 1987 for mel = 2595 log10(1 + f / 700)
 */
import { decodeWav, type Sound } from './decode-wav.ts'
import { powerSpectrum } from './fourier.ts'

const RATE = 16_000
const FRAME = 400
const STEP = 160
const POINTS = 512
const BANDS = 40
const LOWEST_HZ = 20
const FLOOR = 1e-6

export const AUDIO_DIMENSIONS = 2 * BANDS

const WINDOW = Float64Array.from({ length: FRAME }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME))
const FILTERS = melFilters()

/** @returns `[80]` @throws {TrainingError} `training.record_invalid` */
export function audioFeatures(bytes: Uint8Array): Float64Array {
  const bands = logMel(resample(decodeWav(bytes)))
  const features = new Float64Array(AUDIO_DIMENSIONS)
  for (let band = 0; band < BANDS; band++) {
    const mean = bands.reduce((sum, frame) => sum + frame[band]!, 0) / bands.length
    const variance = bands.reduce((sum, frame) => sum + (frame[band]! - mean) ** 2, 0) / bands.length
    features[band] = mean
    features[BANDS + band] = Math.sqrt(variance)
  }
  return features
}

/** `[frames][40]`; a sound shorter than a frame is one, filled up with silence. */
export function logMel(samples: Float64Array): Float64Array[] {
  const frames: Float64Array[] = []
  for (let start = 0; start === 0 || start + FRAME <= samples.length; start += STEP) {
    const frame = new Float64Array(POINTS)
    for (let i = 0; i < FRAME; i++) frame[i] = (samples[start + i] ?? 0) * WINDOW[i]!
    const power = powerSpectrum(frame)
    frames.push(
      Float64Array.from(FILTERS, (filter) =>
        Math.log(filter.reduce((sum, [bin, weight]) => sum + power[bin]! * weight, 0) + FLOOR),
      ),
    )
  }
  return frames
}

function resample({ rate, samples }: Sound): Float64Array {
  const length = Math.max(1, Math.floor((samples.length * RATE) / rate))
  const ratio = rate / RATE
  const width = Math.max(1, Math.round(ratio)) // averaged over, so that what lies above 8 kHz does not fold back
  return Float64Array.from({ length }, (_, i) => {
    let sum = 0
    for (let k = 0; k < width; k++) {
      const place = Math.min(samples.length - 1, i * ratio + k)
      const before = Math.floor(place)
      const after = Math.min(samples.length - 1, before + 1)
      sum += samples[before]! + (samples[after]! - samples[before]!) * (place - before)
    }
    return sum / width
  })
}

/** For each band its bins with their weights, which rise and fall in straight lines over the mel scale's points. */
function melFilters(): [bin: number, weight: number][][] {
  const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700)
  const [low, high] = [mel(LOWEST_HZ), mel(RATE / 2)]
  const edges = Array.from({ length: BANDS + 2 }, (_, i) => low + ((high - low) * i) / (BANDS + 1))
  return Array.from({ length: BANDS }, (_, band) => {
    const [left, centre, right] = edges.slice(band, band + 3) as [number, number, number]
    const filter: [number, number][] = []
    for (let bin = 0; bin <= POINTS / 2; bin++) {
      const at = mel((bin * RATE) / POINTS)
      const weight = Math.min((at - left) / (centre - left), (right - at) / (right - centre))
      if (weight > 0) filter.push([bin, weight])
    }
    return filter
  })
}
