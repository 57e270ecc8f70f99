import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'
import { DEMO_DATANETS, type DemoDatanet, type Source } from './sources.ts'

/** One author's part of a Datanet. */
export type DemoContribution = {
  author: string
  url?: string
  /** SPDX expression from the package. */
  licence: string
  records: { text: string; title: string }[]
}

export type DemoCorpus = { datanet: DemoDatanet; contributions: DemoContribution[]; prompts: string[] }[]

/** Licences under which a text may be passed on and trained on; others are not read at all. */
const PERMITTED = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  '0BSD',
  'CC0-1.0',
])

const MIN_CHARACTERS = 110
const MAX_CHARACTERS = 240
const PROMPT_CHARACTERS = 72
const PROMPTS_PER_DATANET = 8

/**
 * Reads the demo's Datanets out of the installed packages: the same records in the same order for the same lockfile.
 * @param root folder of this project, whose node_modules is read
 * @throws demo.source_missing when a package or its text is not there; demo.licence_forbids when its licence does
 */
export function readDemoCorpus(root: string): DemoCorpus {
  return DEMO_DATANETS.map((datanet) => {
    const byAuthor = new Map<string, DemoContribution>()
    const unused: string[] = []
    for (const source of datanet.sources) {
      const about = describePackage(root, source)
      const passages = passagesOf(about.folder, source)
      const chosen = new Set(spread(passages.length, source.records))
      const contribution: DemoContribution = byAuthor.get(about.author) ?? { ...about.credit, records: [] }
      passages.forEach((passage, i) => {
        if (chosen.has(i)) contribution.records.push({ text: passage.text, title: `${about.name}/${passage.title}` })
        else unused.push(passage.text)
      })
      byAuthor.set(about.author, contribution)
    }
    return { datanet, contributions: [...byAuthor.values()], prompts: promptsFrom(unused) }
  })
}

/** Beginnings of passages that no record holds: questions whose answers nobody contributed. */
function promptsFrom(unused: readonly string[]): string[] {
  return spread(unused.length, PROMPTS_PER_DATANET).map((i) => {
    const words = unused[i]!.slice(0, PROMPT_CHARACTERS)
    return words.slice(0, Math.max(words.lastIndexOf(' '), PROMPT_CHARACTERS / 2))
  })
}

function describePackage(root: string, source: Source) {
  const folder = source.package === '.' ? root : packageFolder(root, source.package)
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const own = source.package === '.'
  const author = own ? 'OpenLedger contributors' : authorOf(about)
  const licence = String(about.license ?? '')
  const alternatives = licence.replace(/[()]/g, '').split(' OR ')
  if (!alternatives.some((one) => PERMITTED.has(one))) {
    throw new OpenLedgerError('demo.licence_forbids', 'A demo source may not be used under its licence.', {
      facts: { package: source.package, licence: licence || 'none' },
      nextStep: 'Take the package out of cli/src/demo/sources.ts.',
    })
  }
  const url = typeof about.homepage === 'string' ? about.homepage : undefined
  const name = own ? 'openledger' : `${source.package}@${about.version}`
  return { folder, name, author, credit: { author, licence, ...(url === undefined ? {} : { url }) } }
}

function packageFolder(root: string, name: string): string {
  const folder = join(root, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  try {
    return dirname(createRequire(join(root, 'cli', 'package.json')).resolve(`${name}/package.json`))
  } catch (cause) {
    throw new OpenLedgerError('demo.source_missing', 'A package that the demo reads is not installed.', {
      facts: { package: name },
      nextStep: 'Run `npm install` with the committed lockfile.',
      cause,
    })
  }
}

function authorOf(about: { author?: unknown; contributors?: unknown; name?: string }): string {
  const named = (who: unknown): string | undefined => {
    const text = typeof who === 'string' ? who : (who as { name?: string } | undefined)?.name
    return text?.replace(/[<(].*$/, '').trim() || undefined
  }
  const contributors = Array.isArray(about.contributors) ? about.contributors : []
  return named(about.author) ?? contributors.map(named).find((name) => name !== undefined) ?? `${about.name} authors`
}

type Passage = { text: string; title: string }

function passagesOf(packageRoot: string, source: Source): Passage[] {
  const folder = join(packageRoot, source.folder ?? '.')
  const passages = sourceFiles(folder, source).flatMap((file) => {
    const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n')
    return cut(text).map((passage, i) => ({ text: passage, title: `${relative(packageRoot, file)}#${i + 1}` }))
  })
  if (passages.length < source.records) {
    throw new OpenLedgerError('demo.source_missing', 'A package holds less text than the demo takes from it.', {
      facts: { package: source.package, passages: passages.length, wanted: source.records },
      nextStep: 'Run `npm install` with the committed lockfile.',
    })
  }
  return passages
}

function sourceFiles(folder: string, source: Source): string[] {
  const entries = readdirSync(folder, {
    withFileTypes: true,
    recursive: source.folder !== undefined || source.package.includes('openzeppelin'),
  })
  return entries
    .filter((entry) => entry.isFile() && source.files.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\/(node_modules|test|tests|mocks|vendor)\//.test(relative(folder, file).padStart(1, '/')))
    .sort()
}

/** Cuts a file at line ends into passages of MIN to MAX characters that read as text or code, not as tables of links. */
function cut(text: string): string[] {
  const passages: string[] = []
  let open = ''
  const close = () => {
    const passage = open.replace(/\n{3,}/g, '\n\n').trim()
    if (passage.length >= MIN_CHARACTERS && isProse(passage)) passages.push(passage)
    open = ''
  }
  for (const line of text.split('\n')) {
    if (line.length > MAX_CHARACTERS) close()
    else if (open.length + line.length + 1 > MAX_CHARACTERS) {
      close()
      open = line
    } else open = open === '' ? line : `${open}\n${line}`
  }
  close()
  return passages
}

function isProse(passage: string): boolean {
  const letters = passage.match(/[A-Za-z]/g)?.length ?? 0
  const links = passage.match(/https?:\/\//g)?.length ?? 0
  return letters / passage.length > 0.5 && links < 2 && !passage.includes('<img') && /^[\t\n -~]*$/.test(passage)
}

/** `count` indices spread evenly over `total`. */
function spread(total: number, count: number): number[] {
  return Array.from({ length: Math.min(count, total) }, (_, i) => Math.floor((i * total) / Math.min(count, total)))
}
