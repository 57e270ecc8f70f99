/** An image Datanet without strangers' rights: shapes drawn by these lines, in random places, sizes and colours. */
import { type Random, seededRandom } from '@openledger/language-model'
import { encode } from 'fast-png'

/** A file as it is contributed: what stands before the "/" of its title is its label. */
export type SampleFile = { title: string; mediaType: string; bytes: Uint8Array }

const SIDE = 48

/** Whether a point lies in the shape, which fills the square from -1 to 1. */
const SHAPES: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  circle: (x, y) => x * x + y * y <= 1,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) <= 0.3,
  ring: (x, y) => x * x + y * y <= 1 && x * x + y * y >= 0.4,
  square: () => true,
  triangle: (x, y) => Math.abs(x) <= (y + 1) / 2,
}

/** @param each files of each of the five shapes; the same seed gives the same bytes */
export function sampleImages(each = 12, seed = 1): SampleFile[] {
  const random = seededRandom(seed)
  return Array.from({ length: each }, (_, i) =>
    Object.entries(SHAPES).map(([name, isInside]) => ({
      title: `${name}/${String(i).padStart(3, '0')}.png`,
      mediaType: 'image/png',
      bytes: encode({ width: SIDE, height: SIDE, data: draw(isInside, random), depth: 8, channels: 3 }),
    })),
  ).flat()
}

function draw(isInside: (x: number, y: number) => boolean, random: Random): Uint8Array {
  const colour = (from: number, to: number) => Array.from({ length: 3 }, () => from + random.below(to - from))
  const [ink, paper] = [colour(10, 110), colour(150, 250)]
  const radius = 11 + random.below(8)
  const [left, top] = [radius + random.below(SIDE - 2 * radius), radius + random.below(SIDE - 2 * radius)]
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3)
    const [x, y] = [((pixel % SIDE) - left) / radius, (Math.floor(pixel / SIDE) - top) / radius]
    const isInk = Math.abs(x) <= 1 && Math.abs(y) <= 1 && isInside(x, y)
    return (isInk ? ink : paper)[i % 3]! + random.below(9) - 4
  })
}
