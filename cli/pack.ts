/**
 * Packs the command line as npm takes it, for `npx openledger`: the sources as they are, which `bin/from-tarball.mjs` lets Node
 * run, under one package that depends on what our workspaces depend on. Commands that need a checkout say so.
 *
 *   node cli/pack.ts [folder]     the tarball's path is the last line on stdout
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
/** What the command line runs or reads; the stack's other parts belong to a checkout. */
const FOLDERS = [
  'cli',
  'packages',
  'model-factory',
  'inference-node',
  'attribution-engine',
  'subgraph',
  'contracts/compiled',
]
const FILES = ['LICENSE', 'README.md', 'schema.graphql']
const LEFT_OUT =
  /\.test\.ts$|\/(testing|testdata|fixtures|reference|base-model)\/|\/(tsconfig[^/]*|pack|build)\.(ts|json)$/

type Manifest = {
  name: string
  version: string
  license: string
  exports?: Record<string, string | { default?: string }>
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const read = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8'))
const target = resolve(process.argv[2] ?? '.')
const staging = mkdtempSync(join(tmpdir(), 'openledger-pack-'))
try {
  for (const file of sources()) copy(file)
  const workspaces = sources()
    .filter((file) => file.endsWith('/package.json'))
    .map((file) => ({ folder: dirname(file), manifest: read(file) }))
  writeFileSync(join(staging, 'cli/bin/workspaces.json'), JSON.stringify(placesOf(workspaces), null, 2))
  writeFileSync(
    join(staging, 'package.json'),
    JSON.stringify(manifestOf(workspaces.map(({ manifest }) => manifest)), null, 2),
  )
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', target], {
    cwd: staging,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  console.log(join(target, JSON.parse(packed)[0].filename))
} finally {
  rmSync(staging, { recursive: true, force: true })
}

/** Tracked and new files, as git knows them: nothing that a build left. */
function sources(): string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...FOLDERS, ...FILES], {
    cwd: root,
    encoding: 'utf8',
  })
  return output.split('\n').filter((file) => file !== '' && !LEFT_OUT.test(file))
}

function copy(file: string): void {
  mkdirSync(dirname(join(staging, file)), { recursive: true })
  cpSync(join(root, file), join(staging, file))
}

function placesOf(workspaces: readonly { folder: string; manifest: Manifest }[]): Record<string, string> {
  return Object.fromEntries(
    workspaces.flatMap(({ folder, manifest }) =>
      Object.entries(manifest.exports ?? {}).flatMap(([path, place]) =>
        typeof place === 'string' ? [[join(manifest.name, path), join(folder, place)]] : [],
      ),
    ),
  )
}

function manifestOf(workspaces: readonly Manifest[]): object {
  const { version, license } = read('package.json')
  const foreign = (of: 'dependencies' | 'optionalDependencies') =>
    Object.fromEntries(
      Object.entries(Object.assign({}, ...workspaces.map((workspace) => workspace[of])) as Record<string, string>)
        .filter(([name]) => !name.startsWith('@openledger/'))
        .sort(),
    )
  return {
    name: 'openledger',
    version,
    description: 'OpenLedger from a terminal: Datanets, models, asking, provenance, rewards, stakes, votes.',
    license,
    type: 'module',
    engines: { node: '>=24' },
    bin: { openledger: 'cli/bin/openledger.mjs' },
    dependencies: foreign('dependencies'),
    optionalDependencies: foreign('optionalDependencies'),
  }
}
