import { readdirSync, readFileSync } from 'node:fs'

/** A named question: a file of `views/`, whose opening comment says what it answers. */
export type AnalyticView = {
  readonly name: string
  /** The question that it answers. */
  readonly question: string
  /** What else a reader must know: what a row is, what is left out. */
  readonly notes: string
  readonly columns: readonly ViewColumn[]
  /** CREATE VIEW … */
  readonly sql: string
}

export type ViewColumn = { readonly name: string; readonly unit: string; readonly about: string }

/** All views, by name; a view only reads views whose names sort before its own. */
export function readViews(): readonly AnalyticView[] {
  const folder = new URL('./views/', import.meta.url)
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readView(file.slice(0, -'.sql'.length), readFileSync(new URL(file, folder), 'utf8')))
}

/**
 * The opening comment is the question, an empty line, notes, an empty line, and `name | unit | meaning` for each column.
 * @throws Error where it has another form: a fault of this package, found by its tests
 */
export function readView(name: string, text: string): AnalyticView {
  const lines = text.split('\n')
  const end = lines.findIndex((line) => !line.startsWith('--'))
  const comment = lines.slice(0, end).map((line) => line.replace(/^-- ?/, ''))
  const [question = '', notes = '', table = ''] = comment.join('\n').split('\n\n')
  const columns = table.split('\n').map((line): ViewColumn => {
    const [column, unit, about] = line.split('|').map((cell) => cell.trim())
    if (!column || !unit || !about) throw new Error(`${name}.sql: "${line}" does not describe a column`)
    return { name: column, unit, about }
  })
  const sql = lines.slice(end).join('\n').trim()
  if (!question.endsWith('?') || !sql.startsWith(`CREATE VIEW ${name} AS\n`)) {
    throw new Error(`${name}.sql: it must open with a question and make the view of its name`)
  }
  return { name, question: flat(question), notes: flat(notes), columns, sql }
}

function flat(text: string): string {
  return text.replaceAll('\n', ' ')
}
