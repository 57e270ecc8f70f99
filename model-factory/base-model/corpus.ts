/**
 * The texts that the base model learns from: what `npm install` brings. README and documentation files, TypeScript and
 * JavaScript sources of the installed packages, where the package's own licence permits it.
 *
 * The same installed packages give the same texts in the same order.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Licences under which a text may be trained on and its model passed on. */
const PERMITTED_LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
])

/**
 * Packages whose texts the demo contributes to Datanets, and near copies of them. The base has never seen them, so what
 * an adapter knows of them came from the contributed records, and their validation records measure something.
 */
export const HELD_OUT_PACKAGES = new Set([
  '@noble/curves',
  '@noble/hashes',
  '@nomicfoundation/ignition-core',
  '@openzeppelin/contracts',
  '@openzeppelin/contracts-upgradeable',
  'ajv',
  'dataloader',
  'enquirer',
  'ethers',
  'fast-check',
  'glob',
  'hardhat',
  'immer',
  'multiformats',
  'prom-client',
  'protobufjs',
  'semver',
  'smol-toml',
  'type-fest',
  'zod',
])

/** Kinds of text, with the most characters that one package may give, lest a few large ones drown the rest. */
const KINDS = [
  { kind: 'documentation', files: /\.(md|markdown)$/i, maxCharacters: 120_000 },
  { kind: 'typescript', files: /(?<!\.d)\.ts$/, maxCharacters: 250_000 },
  { kind: 'declarations', files: /\.d\.ts$/, maxCharacters: 16_000 },
  { kind: 'javascript', files: /\.js$/, maxCharacters: 16_000 },
] as const

const MIN_FILE_CHARACTERS = 200
const MAX_FILE_BYTES = 400_000
/** Longer lines on average mean minified or generated text. */
const MAX_MEAN_LINE = 100

export type BaseText = { package: string; licence: string; kind: string; file: string; text: string }

/** Reads the corpus out of `nodeModules`, ordered by package, kind and file; each text once. */
export function readBaseCorpus(nodeModules: string): BaseText[] {
  const seen = new Set<string>()
  const texts: BaseText[] = []
  for (const { name, folder, licence } of permittedPackages(nodeModules)) {
    const files = textFiles(folder)
    for (const { kind, files: pattern, maxCharacters } of KINDS) {
      let characters = 0
      for (const file of files.filter((path) => pattern.test(path))) {
        const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')
        const digest = createHash('sha256').update(text).digest('hex')
        if (seen.has(digest) || !isReadable(text) || characters + text.length > maxCharacters) continue
        seen.add(digest)
        characters += text.length
        texts.push({ package: name, licence, kind, file, text })
      }
    }
  }
  return texts
}

/** A digest of the whole corpus: what a training run was given. */
export function corpusDigest(texts: readonly BaseText[]): string {
  const hash = createHash('sha256')
  for (const { package: name, file, text } of texts) hash.update(`${name}\0${file}\0${text}\0`)
  return hash.digest('hex')
}

function permittedPackages(nodeModules: string): { name: string; folder: string; licence: string }[] {
  const names = readdirSync(nodeModules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => {
      if (!name.startsWith('@')) return [name]
      // Links are this project's own workspaces.
      const scoped = readdirSync(join(nodeModules, name), { withFileTypes: true }).filter((entry) =>
        entry.isDirectory(),
      )
      return scoped.map((entry) => `${name}/${entry.name}`)
    })
  return names
    .filter((name) => !HELD_OUT_PACKAGES.has(name))
    .sort(byCodeUnits)
    .flatMap((name) => {
      const folder = join(nodeModules, name)
      const licence = declaredLicence(folder)
      return licence !== undefined && PERMITTED_LICENCES.has(licence) ? [{ name, folder, licence }] : []
    })
}

/** The SPDX identifier that the package declares; expressions with a choice are left out, as is what is unclear. */
function declaredLicence(folder: string): string | undefined {
  try {
    const { license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { license?: unknown }
    return typeof license === 'string' ? license : undefined
  } catch {
    return undefined // a folder without a readable package.json declares nothing
  }
}

/** Paths within the package, without what it has bundled of others. */
function textFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)node_modules\//.test(file) && statSync(join(folder, file)).size <= MAX_FILE_BYTES)
    .sort(byCodeUnits)
}

function isReadable(text: string): boolean {
  if (text.length < MIN_FILE_CHARACTERS) return false
  const lines = text.split('\n').length
  const plain = text.match(/[\t\n\x20-\x7e]/g)?.length ?? 0
  return text.length / lines <= MAX_MEAN_LINE && plain / text.length > 0.95
}

/** The locale must not decide the order. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
