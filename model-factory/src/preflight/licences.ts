/**
 * Whether records under one SPDX expression may go into a model under another. Only what names of licences say is judged,
 * never a licence's text: a licence that is not known here is flagged for a person.
 */

export type LicenceFinding = { verdict: 'fits' | 'unknown' | 'forbids'; reason: string | null }

/** What a licence asks, by its SPDX id; the first pattern that fits counts. */
const TERMS: readonly { pattern: RegExp; asks: 'nothing' | 'no derivatives' | 'no commerce' | 'its own terms' }[] = [
  { pattern: /^CC-BY(-NC)?-ND-/i, asks: 'no derivatives' },
  { pattern: /^CC-BY-NC(-SA)?-/i, asks: 'no commerce' },
  { pattern: /^(CC-BY-SA-|[AL]?GPL-|MPL-|EPL-|EUPL-|OSL-|ODbL-|CDDL-|MS-RL)/i, asks: 'its own terms' },
  {
    pattern:
      /^(MIT(-0)?|Apache-2\.0|BSD-.+|ISC|0BSD|CC0-1\.0|CC-BY-\d.*|Unlicense|Zlib|Python-2\.0|BlueOak-1\.0\.0|WTFPL|PDDL-1\.0|ODC-By-1\.0|Artistic-2\.0|BSL-1\.0|PostgreSQL|NCSA|Unicode-.+|X11|Hippocratic-2\.1|OFL-1\.1|MS-PL|W3C.*|AFL-.+|CC-PDDC)$/i,
    asks: 'nothing',
  },
]

/**
 * @param records SPDX expression of the records: with OR the most lenient part counts, with AND all do
 * @param model   SPDX expression of the model
 */
export function licenceFits(records: string, model: string, isCommercial: boolean): LicenceFinding {
  const options = records
    .replace(/[()]/g, ' ')
    .split(/\s+OR\s+/i)
    .map((option) => strictest(option.split(/\s+AND\s+/i).map((id) => judge(id.trim(), model, isCommercial))))
  return (
    options.find(({ verdict }) => verdict === 'fits') ??
    options.find(({ verdict }) => verdict === 'unknown') ??
    options[0]!
  )
}

function judge(id: string, model: string, isCommercial: boolean): LicenceFinding {
  const plain = id.replace(/\s+WITH\s+.*$/i, '').replace(/\+$/, '')
  const asks = TERMS.find(({ pattern }) => pattern.test(plain))?.asks
  if (asks === undefined) return { verdict: 'unknown', reason: `the licence ${shown(id)} is not known here` }
  if (asks === 'no derivatives') return { verdict: 'forbids', reason: `${shown(id)} allows no derivatives` }
  if (asks === 'no commerce' && isCommercial)
    return { verdict: 'forbids', reason: `${shown(id)} allows no commercial use` }
  if (asks === 'its own terms' && !named(model).includes(plain.toLowerCase())) {
    return {
      verdict: 'forbids',
      reason: `${shown(id)} asks that the model carry it; the model is under ${shown(model)}`,
    }
  }
  return { verdict: 'fits', reason: null }
}

function strictest(findings: readonly LicenceFinding[]): LicenceFinding {
  return (
    findings.find(({ verdict }) => verdict === 'forbids') ??
    findings.find(({ verdict }) => verdict === 'unknown') ??
    findings[0]!
  )
}

function named(expression: string): string[] {
  return expression
    .replace(/[()]/g, ' ')
    .split(/\s+(?:AND|OR)\s+/i)
    .map((id) => id.trim().replace(/\+$/, '').toLowerCase())
}

/** What a stranger wrote, short. */
function shown(expression: string): string {
  return expression.slice(0, 60)
}
