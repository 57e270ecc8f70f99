/**
 * Collects every setting of the programs with its sentence and default, and writes docs/settings.md: `npm run docs`. A test
 * holds the file against the sources.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'

const root = resolve(import.meta.dirname, '..')
const PROGRAMS = [
  { title: 'The stack on one machine: `npm start`, `npm run demo`', file: 'cli/src/settings.ts' },
  { title: 'Content store', file: 'packages/content-store/src/main.ts' },
  { title: 'Inference node', file: 'inference-node/src/settings.ts' },
  { title: 'Model factory', file: 'model-factory/src/settings.ts' },
  { title: 'Attribution engine', file: 'attribution-engine/src/settings.ts' },
  { title: 'API', file: 'api/src/settings.ts' },
] as const

export type DocumentedSetting = { name: string; sentence: string; standard: string | undefined }

/** The settings of one program, in the order of its source. */
export function settingsIn(source: string): DocumentedSetting[] {
  const parts = source.split(/(?=\bOPENLEDGER_[A-Z_]+(?::|'))/)
  return parts.slice(1).flatMap((part, index) => {
    const name = /^OPENLEDGER_[A-Z_]+/.exec(part)![0]
    const before = parts[index]!
    // `/** sentence */ NAME: schema`, `NAME: schema.describe('sentence')`, or `kind('NAME', standard, 'sentence')`.
    const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before)?.[1]
    const described = /^[A-Z_]+:[\s\S]*?\.describe\(\s*'([^']*)'/.exec(part)?.[1]
    const listed = /^[A-Z_]+',\s*([^,]+),\s*'([^']*)'/.exec(part)
    const sentence = comment ?? described ?? listed?.[2]
    if (sentence === undefined) return []
    const standard = listed?.[1] ?? /(?:default|count)\(([^()]*(?:\([^()]*\))?)\)/.exec(part)?.[1]
    const plain = standard?.replaceAll("'", '').trim()
    return [{ name, sentence: sentence.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim(), standard: plain || undefined }]
  })
}

/** docs/settings.md as it must be. */
export async function renderSettings(): Promise<string> {
  const sections = PROGRAMS.map(({ title, file }) => {
    const rows = settingsIn(readFileSync(join(root, file), 'utf8')).map(
      ({ name, sentence, standard }) =>
        `| \`${name}\` | ${standard === undefined ? '' : `\`${standard}\``} | ${sentence.replaceAll('|', '\\|')} |`,
    )
    return `## ${title}\n\n| setting | default | |\n| --- | --- | --- |\n${rows.join('\n')}`
  })
  const head = `# Settings

What the programs read from their environment. A flag of \`openledger\` wins over the environment, that over
\`openledger.config.ts\`, that over the default. One without a default is either needed or says what its absence means. This file
is generated from the sources: \`npm run docs\`.`
  const file = join(root, 'docs', 'settings.md')
  return format([head, ...sections].join('\n\n'), { ...(await resolveConfig(file)), parser: 'markdown' })
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, 'docs', 'settings.md'), await renderSettings())
