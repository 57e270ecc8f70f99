/** Parts of the fixed supply in parts per million, as `contracts/token/GenesisAllocation.sol` has them; a test holds the two equal. */
export const ALLOCATION = [
  { part: 'Community', sharePpm: 517_100, atOncePpm: 165_500, cliffMonths: 0, months: 48 },
  { part: 'Ecosystem', sharePpm: 100_000, atOncePpm: 0, cliffMonths: 0, months: 48 },
  { part: 'Investors', sharePpm: 182_900, atOncePpm: 0, cliffMonths: 12, months: 36 },
  { part: 'Team', sharePpm: 150_000, atOncePpm: 0, cliffMonths: 12, months: 36 },
  { part: 'Liquidity', sharePpm: 50_000, atOncePpm: 50_000, cliffMonths: 0, months: 0 },
] as const

export type Part = (typeof ALLOCATION)[number]

/** When a part comes free, in words. */
export function termsOf({ atOncePpm, cliffMonths, months }: Part): string {
  const steps = [
    ...(atOncePpm > 0 ? [`${atOncePpm / 10_000} % of the supply at once`] : []),
    ...(cliffMonths > 0 ? [`nothing for ${cliffMonths} months`] : []),
    ...(months > 0 ? [`evenly over ${months} months`] : []),
  ]
  return steps.join(', then ')
}
