import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, test } from 'vitest'

/** The one direction of data: which workspaces a folder's code may import. ARCHITECTURE.md draws the same table. */
const MAY_IMPORT: Record<string, readonly string[] | 'anything'> = {
  'packages/protocol': [],
  'packages/analytics': ['protocol', 'content-store', 'lineage-store'],
  'packages/clusters': ['protocol'],
  'packages/commitment': ['protocol'],
  'packages/content-store': ['protocol'],
  'packages/language-model': ['protocol'],
  'packages/lineage-store': ['protocol'],
  'packages/sdk': ['protocol', 'commitment'],
  'packages/standards': ['protocol'],
  // The SDK to send what it signs, as any client would.
  'model-factory': ['protocol', 'content-store', 'language-model', 'clusters', 'sdk'],
  // The SDK only in tests, as the client that pays.
  'inference-node': ['protocol', 'content-store', 'language-model', 'sdk'],
  'attribution-engine': [
    'protocol',
    'content-store',
    'language-model',
    'clusters',
    'lineage-store',
    'commitment',
    'analytics',
  ],
  api: ['protocol', 'content-store', 'lineage-store', 'commitment', 'analytics', 'standards'],
  cli: 'anything',
  dashboard: ['protocol', 'commitment', 'sdk'],
}

const root = resolve(import.meta.dirname, '..')
const folders = Object.keys(MAY_IMPORT)

describe.each(folders)('%s', (folder) => {
  const allowed = MAY_IMPORT[folder]!
  const about = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const declared = Object.keys({ ...about.dependencies, ...about.devDependencies, ...about.optionalDependencies })

  test('declares only the workspaces that the table allows', () => {
    if (allowed === 'anything') return expect(about.name).toBe('@openledger/cli')
    const ours = declared.filter((name) => name.startsWith('@openledger/')).map((name) => name.slice(12))
    expect(ours.filter((name) => !allowed.includes(name))).toEqual([])
  })

  test('imports only what it declares, and no file outside its folder', () => {
    const faults = sourcesOf(join(root, folder)).flatMap((file) =>
      importsOf(file).flatMap((target) => {
        const place = relative(root, file)
        if (target.startsWith('.')) {
          const inside = resolve(dirname(file), target).startsWith(join(root, folder) + sep)
          return inside ? [] : [`${place} leaves its folder: ${target}`]
        }
        if (!target.startsWith('@openledger/')) return []
        const name = target.split('/').slice(0, 2).join('/')
        return name === about.name || declared.includes(name) ? [] : [`${place} imports ${name} undeclared`]
      }),
    )
    expect(faults).toEqual([])
  })
})

test('every workspace stands in the table', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const workspaces = (manifest.workspaces as string[]).flatMap((pattern) =>
    pattern.endsWith('/*')
      ? readdirSync(join(root, pattern.slice(0, -2))).map((name) => `${pattern.slice(0, -2)}/${name}`)
      : [pattern],
  )
  const present = workspaces.filter((folder) => existsSync(join(root, folder, 'package.json')))
  expect(present.sort()).toEqual([...folders].sort())
})

test('every dependency is pinned to one exact version', () => {
  const files = ['package.json', ...folders.map((folder) => `${folder}/package.json`)]
  const loose = files.flatMap((file) => {
    const about = JSON.parse(readFileSync(join(root, file), 'utf8'))
    const all = { ...about.dependencies, ...about.devDependencies, ...about.optionalDependencies }
    return Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+([-+][\w.]+)?$/.test(String(version)))
  })
  expect(loose).toEqual([])
})

function sourcesOf(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('node_modules'))
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const pattern = /(?:\bfrom\s+|\bimport\s*\(\s*|^\s*import\s+|new URL\(\s*)['"]([^'"\n]+)['"]/gm
  return [...text.matchAll(pattern)].map((match) => match[1]!)
}
