import type { PreflightReport } from '@openledger/model-factory'
import { note, plain, printFacts, printJson, printTable } from './print.ts'

const MOST_ROWS = 40

/** What a preflight found; rows that are used without remark are only counted. */
export function printPreflight(report: PreflightReport, isJson: boolean): void {
  const { rows, preview, estimate, counts, problems } = report
  if (isJson) {
    printJson({ dryRun: true, records: counts.records, ...report })
    return
  }
  const told = rows.filter(({ verdict }) => verdict !== 'USED')
  if (told.length > 0) {
    printTable(
      told.slice(0, MOST_ROWS).map(({ digest, verdict, reasons }) => ({
        record: `${digest.slice(0, 12)}…`,
        verdict: verdict.toLowerCase().replace('_', ' '),
        reason: plain(reasons.join('; ')),
      })),
      '',
    )
    if (told.length > MOST_ROWS) note(`… and ${told.length - MOST_ROWS} more: --json has them all.`)
    process.stdout.write('\n')
  }
  for (const { text, tokens } of preview)
    process.stdout.write(`as the model reads it, ${tokens} tokens: ${plain(text).slice(0, 160)}\n`)
  if (preview.length > 0) process.stdout.write('\n')
  printFacts({
    kind: report.kind,
    base: `${plain(report.base.name)} ${report.base.id}`,
    licence: report.licence,
    records: counts.records,
    used: counts.used,
    flagged: counts.flagged,
    'left out': `${counts.leftOut}, of them ${counts.exactCopies} copies and ${counts.nearCopies} near copies`,
    'tokens an epoch': report.tokens,
    'tokens in all': report.allTokens,
    'about, seconds': estimate.seconds,
    ready: report.isReady ? 'yes' : problems.map(({ message }) => message).join('; '),
  })
  note('Nothing was trained or sent.')
}
