/**
 * Digits of 8 by 8 pixels, drawn: strokes of ten figures, shifted, bent, blurred and noisy, the same for the same seed.
 * They stand for the scanned digits that other projects measure on, which no package ships.
 */
import { seededRandom } from '@openledger/language-model'
import type { HeadData } from '../../../attribution-engine/src/influence/softmax-head.ts'

const SIDE = 8

/** Corners of the strokes of each digit, in a square of side 1. */
const STROKES: readonly (readonly (readonly [number, number])[])[] = [
  [
    [0.3, 0.1],
    [0.7, 0.1],
    [0.85, 0.5],
    [0.7, 0.9],
    [0.3, 0.9],
    [0.15, 0.5],
    [0.3, 0.1],
  ],
  [
    [0.35, 0.25],
    [0.55, 0.1],
    [0.55, 0.9],
  ],
  [
    [0.2, 0.25],
    [0.5, 0.1],
    [0.8, 0.3],
    [0.2, 0.9],
    [0.8, 0.9],
  ],
  [
    [0.2, 0.1],
    [0.75, 0.15],
    [0.45, 0.45],
    [0.8, 0.65],
    [0.6, 0.9],
    [0.2, 0.85],
  ],
  [
    [0.6, 0.9],
    [0.6, 0.1],
    [0.2, 0.6],
    [0.85, 0.6],
  ],
  [
    [0.8, 0.1],
    [0.25, 0.1],
    [0.25, 0.45],
    [0.7, 0.45],
    [0.75, 0.8],
    [0.25, 0.9],
  ],
  [
    [0.7, 0.1],
    [0.3, 0.4],
    [0.2, 0.75],
    [0.5, 0.9],
    [0.8, 0.7],
    [0.5, 0.5],
    [0.25, 0.65],
  ],
  [
    [0.2, 0.1],
    [0.8, 0.1],
    [0.4, 0.9],
  ],
  [
    [0.5, 0.5],
    [0.25, 0.3],
    [0.5, 0.1],
    [0.75, 0.3],
    [0.25, 0.7],
    [0.5, 0.9],
    [0.75, 0.7],
    [0.5, 0.5],
  ],
  [
    [0.75, 0.4],
    [0.5, 0.5],
    [0.25, 0.3],
    [0.5, 0.1],
    [0.75, 0.3],
    [0.7, 0.9],
  ],
]

/** @returns pixels from 0 to 1 and a constant 1, labels by turns */
export function drawDigits(count: number, seed: number): HeadData {
  const random = seededRandom(seed)
  const dimensions = SIDE * SIDE + 1
  const inputs = new Float64Array(count * dimensions)
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
  for (let i = 0; i < count; i++) {
    const angle = 0.12 * random.normal()
    const [sx, sy] = [0.9 + 0.06 * random.normal(), 0.9 + 0.06 * random.normal()]
    const [dx, dy] = [0.04 * random.normal(), 0.04 * random.normal()]
    const width = 0.07 + 0.03 * random.uniform()
    const corners = STROKES[labels[i]!]!.map(([x, y]) => {
      const [u, v] = [(x - 0.5) * sx + 0.02 * random.normal(), (y - 0.5) * sy + 0.02 * random.normal()]
      return [
        0.5 + dx + u * Math.cos(angle) - v * Math.sin(angle),
        0.5 + dy + u * Math.sin(angle) + v * Math.cos(angle),
      ] as const
    })
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const [x, y] = [((pixel % SIDE) + 0.5) / SIDE, (Math.floor(pixel / SIDE) + 0.5) / SIDE]
      let near = Number.POSITIVE_INFINITY
      for (let c = 1; c < corners.length; c++) near = Math.min(near, distanceTo(x, y, corners[c - 1]!, corners[c]!))
      const ink = Math.exp(-0.5 * (near / width) ** 2)
      inputs[i * dimensions + pixel] = Math.min(1, Math.max(0, ink + 0.05 * random.normal()))
    }
    inputs[(i + 1) * dimensions - 1] = 1
  }
  return { inputs, dimensions, labels, classes: 10 }
}

function distanceTo(x: number, y: number, [ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]) {
  const [ux, uy] = [bx - ax, by - ay]
  const along = Math.min(1, Math.max(0, ((x - ax) * ux + (y - ay) * uy) / (ux * ux + uy * uy)))
  return Math.hypot(x - ax - along * ux, y - ay - along * uy)
}
