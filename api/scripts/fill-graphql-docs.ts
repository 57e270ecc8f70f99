/**
 * Fills docs/graphql.md with what a running api answers: `node api/scripts/fill-graphql-docs.ts [http://127.0.0.1:4000]`,
 * with the demo's data in it. Each block of GraphQL is followed by a block of JSON, which is replaced. A line
 * `<!-- name = path -->` before a query takes a variable from the answer of the one before: `<!-- id = datanets.nodes.0.id -->`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '..', '..', 'docs', 'graphql.md')
const url = `${process.argv[2] ?? 'http://127.0.0.1:4000'}/graphql`
const EXAMPLE = /((?:<!-- \w+ = [\w.]+ -->\n)*)(\n?```graphql\n)([\s\S]*?)(```\n\n```json\n)[\s\S]*?(```)/g
const MAX_TEXT = 120

const text = readFileSync(file, 'utf8')
const variables: Record<string, unknown> = {}
let answer: unknown
let filled = ''
let end = 0
for (const match of text.matchAll(EXAMPLE)) {
  const [whole, taken, open, query, between, close] = match as unknown as string[]
  for (const [, name, path] of taken!.matchAll(/<!-- (\w+) = ([\w.]+) -->/g)) variables[name!] = valueAt(answer, path!)
  answer = await ask(query!)
  filled += `${text.slice(end, match.index)}${taken}${open}${query}${between}${JSON.stringify(shortened(answer), null, 2)}\n${close}`
  end = match.index + whole!.length
}
writeFileSync(file, filled + text.slice(end))

async function ask(query: string): Promise<unknown> {
  const wanted = Object.fromEntries(Object.entries(variables).filter(([name]) => query.includes(`$${name}`)))
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: wanted }),
  })
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { message: string }[] }
  if (errors !== undefined) throw new Error(`${errors[0]?.message}\n${query}`)
  return data
}

function valueAt(root: unknown, path: string): unknown {
  return path.split('.').reduce((value, key) => (value as Record<string, unknown> | null)?.[key], root)
}

/** Long texts are cut: the document shows the form of an answer. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value
  if (Array.isArray(value)) return value.map(shortened)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]))
}
