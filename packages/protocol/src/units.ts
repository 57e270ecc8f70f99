import { formatUnits, parseUnits } from 'ethers'

export const PPM = 1_000_000n

/** `part` of a whole of one million, rounded down. */
export function ppmOf(amount: bigint, ppm: bigint | number): bigint {
  return (amount * BigInt(ppm)) / PPM
}

/** Wei as OPEN for people: at most `digits` decimals, cut, never rounded up. */
export function formatOpen(amountWei: bigint, digits = 6): string {
  const [whole, fraction = ''] = formatUnits(amountWei, 18).split('.')
  const cut = fraction.slice(0, digits).replace(/0+$/, '')
  return cut === '' ? `${whole} OPEN` : `${whole}.${cut} OPEN`
}

/** OPEN as people write it, in wei. */
export function parseOpen(text: string): bigint {
  return parseUnits(text, 18)
}
