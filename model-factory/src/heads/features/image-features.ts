/**
 * What a head sees of an image: where its edges point, and its colours. No learned weights, so the extractor is wholly
 * said by this file and computes the same numbers everywhere.
 *
 *   size          averaged over areas to 32 x 32
 *   edges   [144] histograms of oriented gradients: 4 x 4 cells of 8 x 8 pixels, 9 unsigned directions each, a pixel's
 *                 magnitude shared between the two nearest directions; then the square root of each cell's part in all
 *   light    [64] grey averaged over 8 x 8 areas, less its mean
 *   colour   [24] mean and deviation of red, green, blue in each quarter
 *
 * @see Dalal & Triggs 2005, "Histograms of oriented gradients", sections 6.2–6.4; blocks are left out: one image is one block
 */
import { decodeImage, type Pixels } from './decode-image.ts'

const SIDE = 32
const CELL = 8
const CELLS = SIDE / CELL
const DIRECTIONS = 9
const LIGHT = 8

export const IMAGE_DIMENSIONS = CELLS * CELLS * DIRECTIONS + LIGHT * LIGHT + 24

/** @returns `[232]` @throws {TrainingError} `training.record_invalid` */
export function imageFeatures(bytes: Uint8Array): Float64Array {
  const rgb = shrink(decodeImage(bytes), SIDE)
  const grey = Float64Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [red, green, blue] = rgb.subarray(i * 3, i * 3 + 3)
    return 0.299 * red! + 0.587 * green! + 0.114 * blue!
  })
  return Float64Array.of(...edges(grey), ...light(grey), ...colours(rgb))
}

function edges(grey: Float64Array): Float64Array {
  const histogram = new Float64Array(CELLS * CELLS * DIRECTIONS)
  const at = (x: number, y: number) =>
    grey[Math.min(SIDE - 1, Math.max(0, y)) * SIDE + Math.min(SIDE - 1, Math.max(0, x))]!
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const [dx, dy] = [at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1)]
      const magnitude = Math.sqrt(dx * dx + dy * dy)
      if (magnitude === 0) continue
      const turn = (Math.atan2(dy, dx) / Math.PI + 1) % 1 // [0, 1): a direction and its opposite are one
      const place = turn * DIRECTIONS
      const lower = Math.floor(place) % DIRECTIONS
      const cell = (Math.floor(y / CELL) * CELLS + Math.floor(x / CELL)) * DIRECTIONS
      histogram[cell + lower]! += magnitude * (1 - (place % 1))
      histogram[cell + ((lower + 1) % DIRECTIONS)]! += magnitude * (place % 1)
    }
  }
  const total = histogram.reduce((sum, value) => sum + value, 0)
  return histogram.map((value) => (total === 0 ? 0 : Math.sqrt(value / total)))
}

function light(grey: Float64Array): Float64Array {
  const width = SIDE / LIGHT
  const areas = new Float64Array(LIGHT * LIGHT)
  grey.forEach((value, i) => {
    const area = Math.floor(i / SIDE / width) * LIGHT + Math.floor((i % SIDE) / width)
    areas[area]! += value / (width * width)
  })
  const mean = areas.reduce((sum, value) => sum + value, 0) / areas.length
  return areas.map((value) => value - mean)
}

function colours(rgb: Float64Array): number[] {
  const features: number[] = []
  const half = SIDE / 2
  for (let quarter = 0; quarter < 4; quarter++) {
    for (let channel = 0; channel < 3; channel++) {
      let [sum, squares] = [0, 0]
      for (let i = 0; i < half * half; i++) {
        const y = Math.floor(i / half) + (quarter >> 1) * half
        const x = (i % half) + (quarter & 1) * half
        const value = rgb[(y * SIDE + x) * 3 + channel]!
        sum += value
        squares += value * value
      }
      const mean = sum / (half * half)
      features.push(mean, Math.sqrt(Math.max(0, squares / (half * half) - mean * mean)))
    }
  }
  return features
}

/** Each pixel of the result is the mean of the area that it covers. `[side, side, 3]` */
function shrink({ width, height, rgb }: Pixels, side: number): Float64Array {
  const columns = overlaps(width, side)
  const rows = overlaps(height, side)
  const small = new Float64Array(side * side * 3)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (const [row, down] of rows[y]!) {
        for (const [column, across] of columns[x]!) {
          for (let channel = 0; channel < 3; channel++) {
            small[(y * side + x) * 3 + channel]! += down * across * rgb[(row * width + column) * 3 + channel]!
          }
        }
      }
    }
  }
  return small
}

/** For each new pixel the old ones that it covers, with their parts, which sum to 1. */
function overlaps(from: number, to: number): [old: number, part: number][][] {
  const step = from / to
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * step, (i + 1) * step]
    const parts: [number, number][] = []
    for (let old = Math.floor(start); old < end && old < from; old++) {
      const part = Math.min(end, old + 1) - Math.max(start, old)
      if (part > 1e-12) parts.push([old, part / step])
    }
    return parts
  })
}
