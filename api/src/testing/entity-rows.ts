/** Rows of one entity in memory, found as a database finds them: by key where a filter names one, else along an order. */
export class EntityRows {
  readonly #rows: readonly StoredRow[]
  readonly #compareBy: (field: string) => (a: unknown, b: unknown) => number
  readonly #byKey = new Map<string, Map<unknown, StoredRow[]>>()
  readonly #sorted = new Map<string, StoredRow[]>()

  /** @param isNumber whether a field's values are integers, given as numbers or decimal strings */
  constructor(rows: readonly StoredRow[], isNumber: (field: string) => boolean) {
    this.#rows = rows
    this.#compareBy = (field) => (isNumber(field) ? compareIntegers : compareTexts)
  }

  find({ where = {}, orderBy = 'id', orderDirection = 'asc', first = 100 }: Question): StoredRow[] {
    const parts = flatten(where)
    const keyed = this.#byNamedKey(parts)
    if (keyed !== undefined) {
      const matching = keyed.filter((row) => parts.every((part) => this.#matches(row, part)))
      return matching.sort(this.#order(orderBy, orderDirection)).slice(0, first)
    }
    const sorted = this.#inOrder(orderBy)
    const step = orderDirection === 'asc' ? 1 : -1
    const found: StoredRow[] = []
    for (
      let i = this.#begin(sorted, orderBy, step, parts);
      i >= 0 && i < sorted.length && found.length < first;
      i += step
    ) {
      if (parts.every((part) => this.#matches(sorted[i]!, part))) found.push(sorted[i]!)
    }
    return found
  }

  #byNamedKey(parts: readonly Filter[]): StoredRow[] | undefined {
    for (const part of parts) {
      for (const [name, value] of Object.entries(part)) {
        const field = name.replace(/_in$/, '')
        if (name === 'or' || name === 'and' || (field === name && name.includes('_'))) continue
        // Values that many rows share are no key: an order is quicker.
        const index = this.#keyIndex(field)
        if (index.size * 20 < this.#rows.length && this.#rows.length > 1_000) continue
        const keys = name === field ? [value] : [...new Set(value as unknown[])]
        return keys.flatMap((key) => index.get(key) ?? [])
      }
    }
    return undefined
  }

  #keyIndex(field: string): Map<unknown, StoredRow[]> {
    let index = this.#byKey.get(field)
    if (index === undefined) {
      index = new Map()
      for (const row of this.#rows) {
        const rows = index.get(row[field])
        if (rows === undefined) index.set(row[field], [row])
        else rows.push(row)
      }
      this.#byKey.set(field, index)
    }
    return index
  }

  #inOrder(field: string): StoredRow[] {
    let sorted = this.#sorted.get(field)
    if (sorted === undefined) {
      sorted = [...this.#rows].sort(this.#order(field, 'asc'))
      this.#sorted.set(field, sorted)
    }
    return sorted
  }

  #order(field: string, direction: 'asc' | 'desc'): (a: StoredRow, b: StoredRow) => number {
    const compare = this.#compareBy(field)
    const sign = direction === 'asc' ? 1 : -1
    return (a, b) => sign * (compare(a[field], b[field]) || compareTexts(a.id, b.id))
  }

  /** The first row that a bound on the order's own field lets through. */
  #begin(sorted: readonly StoredRow[], orderBy: string, step: number, parts: readonly Filter[]): number {
    const suffixes = step === 1 ? ['_gte', '_gt'] : ['_lte', '_lt']
    const names = suffixes.map((suffix) => orderBy + suffix)
    const bound = parts.flatMap((part) => names.map((name) => part[name])).find((value) => value !== undefined)
    if (bound === undefined) return step === 1 ? 0 : sorted.length - 1
    const compare = this.#compareBy(orderBy)
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const side = compare(sorted[middle]![orderBy], bound)
      if (step === 1 ? side < 0 : side <= 0) low = middle + 1
      else high = middle
    }
    return step === 1 ? low : low - 1
  }

  #matches(row: StoredRow, filter: Filter): boolean {
    return Object.entries(filter).every(([name, value]) => {
      if (name === 'and') return (value as Filter[]).every((part) => this.#matches(row, part))
      if (name === 'or') return (value as Filter[]).some((part) => this.#matches(row, part))
      const [, field, test] = /^([A-Za-z0-9]+?)(?:_(.+))?$/.exec(name)!
      return TESTS[test ?? '']!(row[field!], value, this.#compareBy(field!))
    })
  }
}

export type StoredRow = { id: string; [field: string]: unknown }
export type Filter = Record<string, unknown>
export type Question = { where?: Filter; orderBy?: string; orderDirection?: 'asc' | 'desc'; first?: number }

type Compare = (a: unknown, b: unknown) => number
const TESTS: Record<string, (actual: unknown, wanted: unknown, compare: Compare) => boolean> = {
  '': (actual, wanted) => String(actual) === String(wanted),
  not: (actual, wanted) => String(actual) !== String(wanted),
  gt: (actual, wanted, compare) => compare(actual, wanted) > 0,
  gte: (actual, wanted, compare) => compare(actual, wanted) >= 0,
  lt: (actual, wanted, compare) => compare(actual, wanted) < 0,
  lte: (actual, wanted, compare) => compare(actual, wanted) <= 0,
  in: (actual, wanted) => (wanted as unknown[]).includes(actual),
  not_in: (actual, wanted) => !(wanted as unknown[]).includes(actual),
  contains_nocase: (actual, wanted) => String(actual).toLowerCase().includes(String(wanted).toLowerCase()),
}

/** What holds together, as one list. */
function flatten(where: Filter): Filter[] {
  const { and, ...rest } = where
  const inner = ((and ?? []) as Filter[]).flatMap(flatten)
  return Object.keys(rest).length > 0 ? [rest, ...inner] : inner
}

function compareIntegers(a: unknown, b: unknown): number {
  const [left, right] = [BigInt(String(a)), BigInt(String(b))]
  return left < right ? -1 : left > right ? 1 : 0
}

function compareTexts(a: unknown, b: unknown): number {
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
