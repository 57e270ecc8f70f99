/** What a licence allows, in words. The flags are on chain and bind contracts; the SPDX expression is what people agreed to. */
export type Terms = { licence: string; licenceFlags: number; royaltyPpm?: number }

const DERIVATIVES = 1
const COMMERCIAL = 2
const RECIPROCAL = 4

export function inWords({ licence, licenceFlags, royaltyPpm = 0 }: Terms): { allowed: boolean; text: string }[] {
  const has = (flag: number) => (licenceFlags & flag) !== 0
  return [
    has(DERIVATIVES)
      ? { allowed: true, text: 'Models may be trained on it and built upon.' }
      : { allowed: false, text: 'No models may be derived from it.' },
    has(COMMERCIAL)
      ? { allowed: true, text: 'What is made of it may earn money.' }
      : { allowed: false, text: 'What is made of it may not earn money.' },
    has(RECIPROCAL)
      ? { allowed: true, text: 'What is made of it must be shared under the same terms.' }
      : { allowed: true, text: 'What is made of it may be under other terms.' },
    royaltyPpm > 0
      ? { allowed: true, text: `Derived models give ${royaltyPpm / 10_000} % of their income to it.` }
      : { allowed: true, text: 'It asks derived models for no royalty beyond the contributors’ part.' },
    { allowed: true, text: `Each record stays under ${licence}.` },
  ]
}
