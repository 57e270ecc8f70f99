const MAX_CHARACTERS = 200
const MAX_ENTRIES = 8

/** A value of a stranger's JSON, for an error's facts: short, however large or deep the value is. */
export function describeValue(value: unknown): string {
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ENTRIES).map(describeScalar).join(', ')
    return `[${shown}${value.length > MAX_ENTRIES ? ', …' : ''}]`.slice(0, MAX_CHARACTERS)
  }
  return describeScalar(value).slice(0, MAX_CHARACTERS)
}

function describeScalar(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_CHARACTERS)) : String(value)
}
