import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)

/** Folders under contracts/ whose Solidity is not deployed. */
const NOT_DEPLOYED: readonly string[] = ['test', 'formal']

/** Every Solidity source of the economy, without tests and models, as the compiler names it: `contracts/rewards/RootCourt.sol`. */
export function economySources(): string[] {
  return readdirSync(join(root, 'contracts'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sol'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !NOT_DEPLOYED.includes(file.split('/')[1]!))
    .sort()
}

/** Text of a source by the name under which it is imported, ours or a package's. */
export function sourceText(name: string): string {
  const place = [join(root, name), join(root, 'node_modules', name)].find((path) => existsSync(path))
  if (place === undefined) throw new Error(`No such source: ${name}`)
  return readFileSync(place, 'utf8')
}

/** The sources and everything that they import, packages included, by name. */
export function withImports(names: readonly string[], found = new Map<string, string>()): Map<string, string> {
  for (const name of names) {
    if (found.has(name)) continue
    const text = sourceText(name)
    found.set(name, text)
    const imported = [...text.matchAll(/^import[^;]*?["']([^"']+)["']\s*;/gm)].map((match) => match[1]!)
    withImports(
      imported.map((path) => (path.startsWith('.') ? join(name, '..', path) : path)),
      found,
    )
  }
  return found
}

/**
 * Compiles with the very compiler of the build, in this process. Imports are found by name.
 * @param sources text by name; imports need not be among them
 */
export function compile(
  sources: ReadonlyMap<string, string>,
  settings: compile.Settings,
  callbacks: compile.Callbacks = {},
): compile.Output {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...sources].map(([name, content]) => [name, { content }])),
    settings: { evmVersion: 'cancun', metadata: { bytecodeHash: 'none', appendCBOR: false }, ...settings },
  }
  const findImport = (name: string) => {
    try {
      return { contents: sourceText(name) }
    } catch (error) {
      return { error: String(error) }
    }
  }
  solc ??= require('solc') as Solc
  return JSON.parse(solc.compile(JSON.stringify(input), { import: findImport, ...callbacks }))
}

export declare namespace compile {
  type Settings = {
    outputSelection: Record<string, Record<string, readonly string[]>>
    viaIR?: boolean
    optimizer?: { enabled: boolean; runs?: number }
    modelChecker?: object
  }
  type Callbacks = { smtSolver?(query: string): { contents?: string; error?: string } }
  type Output = {
    errors?: readonly {
      severity: string
      type: string
      errorCode?: string
      formattedMessage: string
      message: string
    }[]
    sources: Record<string, { ast: AstNode }>
    contracts?: Record<string, Record<string, Contract>>
  }
  type Contract = {
    abi: readonly AbiEntry[]
    storageLayout?: object
    evm: { bytecode: { object: string }; deployedBytecode: { object: string } }
  }
  type AbiEntry = {
    type: string
    name?: string
    stateMutability?: string
    inputs?: readonly { type: string }[]
  }
}

/** What we read of the compiler's syntax tree; `src` is `start:length:file`, in bytes. */
export type AstNode = { nodeType: string; src: string; id: number; [field: string]: unknown }

/** What the compiler refused, one paragraph each; empty if nothing. */
export function refusals(output: compile.Output): string[] {
  return (output.errors ?? []).filter(({ severity }) => severity === 'error').map((error) => error.formattedMessage)
}

type Solc = { compile(input: string, callbacks: object): string }
let solc: Solc | undefined
