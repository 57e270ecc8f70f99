/** Numbers as people read them. Amounts stay integers (wei, ppm) until they become text. */

const WEI = 10n ** 18n
const grouped = new Intl.NumberFormat('en-GB')

/** `1234567` → `1,234,567`; exact for decimal strings of any length. */
export function count(value: bigint | number | string): string {
  return grouped.format(typeof value === 'string' ? BigInt(value) : value)
}

/**
 * Wei as OPEN, rounded down to `digits` places; what is smaller than can be shown says so.
 * `1500000000000000000` → `1.5`
 */
export function open(wei: bigint | string, digits = 4): string {
  const amount = BigInt(wei)
  const sign = amount < 0n ? '−' : ''
  const magnitude = amount < 0n ? -amount : amount
  const unit = 10n ** BigInt(18 - digits)
  if (magnitude > 0n && magnitude < unit) return `< ${sign}${decimal(unit, digits)}`
  return sign + decimal(magnitude - (magnitude % unit), digits)
}

function decimal(wei: bigint, digits: number): string {
  const fraction = (wei % WEI).toString().padStart(18, '0').slice(0, digits).replace(/0+$/, '')
  return `${grouped.format(wei / WEI)}${fraction === '' ? '' : `.${fraction}`}`
}

/** Parts per million as per cent. `123456` → `12.3 %` */
export function percent(ppm: number | bigint | string, digits = 1): string {
  const value = Number(ppm) / 10_000
  if (value > 0 && value < 10 ** -digits) return `< ${10 ** -digits} %`
  return `${value.toFixed(digits).replace(/\.0+$/, '')} %`
}

/** `0x1234567890…` → `0x1234…cdef`: enough to tell apart, with the whole in a title or link. */
export function shortHex(hex: string, ends = 4): string {
  return hex.length <= 2 + 2 * ends + 1 ? hex : `${hex.slice(0, 2 + ends)}…${hex.slice(-ends)}`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export function bytes(size: number | string): string {
  let value = Number(size)
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}

const STEPS: readonly [seconds: number, name: Intl.RelativeTimeFormatUnit][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
]
const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' })

/** `3 minutes ago`, `in 2 hours`. */
export function ago(ms: number, nowMs = Date.now()): string {
  const seconds = Math.round((ms - nowMs) / 1000)
  for (const [step, name] of STEPS) {
    if (Math.abs(seconds) >= step) return relative.format(Math.trunc(seconds / step), name)
  }
  return 'now'
}

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** A moment in UTC. */
export function moment(ms: number): string {
  return `${clock.format(ms)} UTC`
}

/** OPEN as a person writes it → wei; null for what is no amount. `1.5` → 1500000000000000000n */
export function weiOf(text: string): bigint | null {
  const parts = /^(\d{1,12})(?:\.(\d{1,18}))?$/.exec(text.trim())
  if (parts === null) return null
  return BigInt(parts[1]!) * WEI + BigInt((parts[2] ?? '').padEnd(18, '0'))
}
