/**
 * Writes the package as npm takes it to `dist`: ES modules and types, with what the SDK needs of its sister packages inside,
 * so that nothing else has to be published. `npm run build -w @openledger/sdk`
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'

const packages = resolve(import.meta.dirname, '..')
const dist = join(import.meta.dirname, 'dist')
const INSIDE = ['sdk', 'commitment', 'protocol']

/** What a specifier of ours stands for in `dist`, without its ending. */
const PLACES: Record<string, string> = {
  '@openledger/protocol': 'protocol/src/index',
  '@openledger/protocol/abi': 'protocol/src/abi/index',
  '@openledger/commitment': 'commitment/src/index',
}

rmSync(dist, { recursive: true, force: true })
compile()
for (const file of emitted()) writeFileSync(file, withPlaces(file, readFileSync(file, 'utf8')))
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
copyFileSync(resolve(packages, '../LICENSE'), join(dist, 'LICENSE'))
copyFileSync(resolve(packages, '../docs/sdk.md'), join(dist, 'README.md'))

function compile(): void {
  const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const project = join(import.meta.dirname, 'tsconfig.build.json')
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

function emitted(): string[] {
  return readdirSync(dist, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Specifiers of sister packages, and the endings that the compiler leaves in types, as files of `dist`. */
function withPlaces(file: string, text: string): string {
  return text.replace(/(from |import\()(['"])([^'"\n]+)\2/g, (whole, head: string, quote: string, target: string) => {
    const place = PLACES[target]
    if (place !== undefined) {
      const path = relative(dirname(file), join(dist, `${place}.js`))
      return `${head}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`
    }
    return target.startsWith('.') ? `${head}${quote}${target.replace(/\.ts$/, '.js')}${quote}` : whole
  })
}

function manifest(): object {
  const sources = INSIDE.map((name) => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')))
  const { name, version, license, type } = sources[0]
  const dependencies = Object.assign({}, ...sources.map((source) => source.dependencies))
  const foreign = Object.entries(dependencies).filter(([dependency]) => !dependency.startsWith('@openledger/'))
  const types = './sdk/src/index.d.ts'
  return {
    name,
    version,
    description: 'OpenLedger for programs: ask and pay, explain, verify, contribute, claim. Browser and Node.',
    license,
    type,
    engines: { node: '>=22' },
    sideEffects: false,
    exports: { '.': { types, default: './sdk/src/index.js' } },
    types,
    dependencies: Object.fromEntries(foreign.sort()),
  }
}
