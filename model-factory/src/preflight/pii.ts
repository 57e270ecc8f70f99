/**
 * Patterns of personal data and secrets: what a person should look at before it is trained on. Numbers that carry a check
 * digit are taken only where it holds. Patterns find forms, not meaning: a name or an address in words is not found.
 */

const PATTERNS: readonly { name: string; pattern: RegExp; holds?: (match: string) => boolean }[] = [
  { name: 'email address', pattern: /\b[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,24}\b/gi },
  {
    name: 'telephone number',
    pattern: /(?<![\w.])\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]?\d{2,4}){2,4}(?![\w.])/g,
  },
  { name: 'payment card', pattern: /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/g, holds: isLuhn },
  { name: 'IBAN', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b/g, holds: isIban },
  { name: 'US social security number', pattern: /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g },
  { name: 'private key', pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/g },
  { name: 'access token', pattern: /\b(?:ghp_\w{36}|AKIA[0-9A-Z]{16}|sk-[A-Za-z0-9_-]{32,}|xox[bap]-[\w-]{20,})\b/g },
]

/** Names of what was found, each once. */
export function findPersonalData(text: string): string[] {
  return PATTERNS.filter(({ pattern, holds }) => {
    for (const [match] of text.matchAll(pattern)) if (holds === undefined || holds(match)) return true
    return false
  }).map(({ name }) => name)
}

/** ISO/IEC 7812-1: every second digit from the right doubled, the digits' sum a multiple of ten. */
function isLuhn(text: string): boolean {
  const digits = [...text.replace(/\D/g, '')].map(Number).reverse()
  if (new Set(digits).size === 1) return false
  const sum = digits.reduce((total, digit, i) => {
    const doubled = i % 2 === 1 ? digit * 2 : digit
    return total + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return sum % 10 === 0
}

/** ISO 13616: country and check digits moved to the end, letters as numbers, 1 modulo 97. */
function isIban(text: string): boolean {
  const compact = text.replace(/ /g, '')
  if (compact.length > 34) return false
  const numbers = [...compact.slice(4), ...compact.slice(0, 4)].map((letter) => Number.parseInt(letter, 36)).join('')
  return BigInt(numbers) % 97n === 1n
}
