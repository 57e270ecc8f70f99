/**
 * Collects every error code of the sources with its message and next step, and writes docs/errors.md: `npm run docs`.
 * A test holds the file against the sources.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const FOLDERS = [
  'packages',
  'model-factory/src',
  'inference-node/src',
  'attribution-engine/src',
  'api/src',
  'cli/src',
  'contracts/ignition',
]

export type DocumentedError = { code: string; message: string; nextStep: string; file: string }

/** One entry a code, by code: the first place that raises it speaks for all. */
export function collectErrors(): DocumentedError[] {
  const found = new Map<string, DocumentedError>()
  for (const file of FOLDERS.flatMap(sourcesOf).sort()) {
    for (const error of errorsOf(file)) if (!found.has(error.code)) found.set(error.code, error)
  }
  return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}

/** docs/errors.md as it must be. */
export function renderErrors(errors: readonly DocumentedError[]): string {
  const homes = Map.groupBy(errors, ({ code }) => code.split('.')[0]!)
  const sections = [...homes].map(([home, list]) => {
    const rows = list.map(
      ({ code, message, nextStep, file }) =>
        `### ${code}\n\n${escaped(message)}\n\n- Next: ${escaped(nextStep)}\n- Raised in \`${file}\``,
    )
    return `## ${home}\n\n${rows.join('\n\n')}`
  })
  const head = `# Error codes

Every refusal has a code, the facts behind it and a next step; services show them as JSON
(\`{"error": {"code", "message", "facts", "nextStep", "retryable"}}\`), GraphQL in \`extensions\`, the command line as text. A
\`{name}\` stands for a value. This file is generated from the sources: \`npm run docs\`.`
  return `${[head, ...sections].join('\n\n')}\n`
}

function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/node_modules|\/testing\/|\/abi\//.test(file))
}

const LITERAL = String.raw`(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|\x60((?:[^\x60\\]|\\.)*)\x60)`

function errorsOf(file: string): DocumentedError[] {
  const text = readFileSync(join(root, file), 'utf8')
  const raised = new RegExp(String.raw`new \w*Error\(\s*'([a-z_]+\.[a-z_-]+)',\s*${LITERAL}`, 'g')
  return [...text.matchAll(raised)].map((match) => {
    const message = match[2] ?? match[3] ?? match[4] ?? ''
    const after = text.slice(match.index, match.index + 1200)
    const step = new RegExp(`nextStep:\\s*${LITERAL}`).exec(after)
    const nextStep = step?.[1] ?? step?.[2] ?? step?.[3] ?? 'See the message.'
    return { code: match[1]!, message: plain(message), nextStep: plain(nextStep), file }
  })
}

/** A template's values as `{name}`, its escapes as they print. */
function plain(literal: string): string {
  const named = literal.replace(
    /\$\{([^}]*)\}/g,
    (_, expression: string) => `{${/(\w+)\W*$/.exec(expression)?.[1] ?? 'value'}}`,
  )
  return named.replace(/\\(['"`])/g, '$1')
}

function escaped(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('|', '\\|')
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, 'docs', 'errors.md'), renderErrors(collectErrors()))
}
