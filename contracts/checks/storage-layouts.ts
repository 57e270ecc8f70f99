import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  getErrors,
  getStorageLayout,
  getStorageUpgradeReport,
  makeNamespacedInput,
  type StorageLayout,
  solcInputOutputDecoder,
  stabilizeTypeIdentifier,
  UpgradeableContractErrorReport,
  validate,
  withValidationDefaults,
} from '@openzeppelin/upgrades-core'
import { compile, economySources, refusals, withImports } from './solc.ts'

const folder = resolve(import.meta.dirname, '../storage-layouts')
const SOLC_VERSION = '0.8.37'
const OPTIONS = withValidationDefaults({ kind: 'uups' })

/** What a contract does though OpenZeppelin's validation advises against it, and why it is safe there. */
const ALLOWED: Readonly<Record<string, { unsafeAllow: ['constructor']; because: string }>> = {
  InferenceEscrow: {
    unsafeAllow: ['constructor'],
    because:
      'EIP712 keeps name and version in the code: both are shorter than 32 bytes, so nothing of them is stored, and behind a proxy it computes the domain anew',
  },
}

/** An upgradeable contract as its source has it now. */
export type Upgradeable = {
  name: string
  layout: StorageLayout
  /** What OpenZeppelin's validation holds against upgrading to it; undefined if nothing. */
  unsafe: string | undefined
}

/** Every contract that can be upgraded (UUPS), by name. */
export function upgradeables(): Upgradeable[] {
  const sources = withImports(economySources())
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries([...sources].map(([file, content]) => [file, { content }])),
    settings: { outputSelection: { '*': { '': ['ast'], '*': ['abi', 'storageLayout'] } } },
  }
  const output = withNamedCode(compile(sources, input.settings))
  const namespaced = makeNamespacedInput(input, output as never)
  const namespacedSources = new Map(Object.entries(namespaced.sources).map(([file, { content }]) => [file, content!]))
  const namespacedOutput = withNamedCode(compile(namespacedSources, namespaced.settings as never))
  const decode = solcInputOutputDecoder(input, output as never)
  const data = validate(output as never, decode, SOLC_VERSION, input, namespacedOutput as never)
  const found: Upgradeable[] = []
  for (const file of economySources()) {
    for (const [name, { abi }] of Object.entries(output.contracts![file] ?? {})) {
      const { version } = data[`${file}:${name}`]!
      if (version === undefined || !abi.some((entry) => entry.name === 'proxiableUUID')) continue
      const { unsafeAllow = [] } = ALLOWED[name] ?? {}
      const errors = getErrors(data, version, withValidationDefaults({ ...OPTIONS, unsafeAllow }))
      const report = new UpgradeableContractErrorReport(errors)
      found.push({
        name,
        layout: stable(getStorageLayout(data, version)),
        unsafe: report.ok ? undefined : report.explain(false),
      })
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What is committed of a contract; undefined if nothing is. */
export function committedLayout(name: string): StorageLayout | undefined {
  try {
    return JSON.parse(readFileSync(layoutFile(name), 'utf8')) as StorageLayout
  } catch {
    return undefined
  }
}

export const layoutFile = (name: string): string => resolve(folder, `${name}.json`)

export const rendered = (layout: StorageLayout): string => `${JSON.stringify(layout, null, 2)}\n`

/** Why `later` cannot take the place of `earlier` in a proxy's storage; undefined if it can. */
export function incompatibility(earlier: StorageLayout, later: StorageLayout): string | undefined {
  const report = getStorageUpgradeReport(earlier, later, OPTIONS)
  return report.ok ? undefined : report.explain(false)
}

/** Validation tells contracts apart by their code. We need no code, so concrete contracts get one that is their name. */
function withNamedCode(output: compile.Output): compile.Output {
  const refused = refusals(output)
  if (refused.length > 0) throw new Error(refused.join('\n'))
  for (const [file, contracts] of Object.entries(output.contracts ?? {})) {
    const definitions = output.sources[file]!.ast.nodes as readonly Record<string, unknown>[]
    for (const [name, contract] of Object.entries(contracts)) {
      const definition = definitions.find((node) => node.nodeType === 'ContractDefinition' && node.name === name)
      const concrete = definition?.contractKind === 'contract' && definition.abstract === false
      const object = concrete ? Buffer.from(`${file}:${name}`).toString('hex') : ''
      const empty = { linkReferences: {} }
      contract.evm = { bytecode: { object, ...empty }, deployedBytecode: { object, ...empty } }
    }
  }
  return output
}

/** Without what changes from compile to compile though the layout does not: node numbers and lines. */
function stable(layout: StorageLayout): StorageLayout {
  const names = new Map(Object.keys(layout.types).map((id) => [id, stabilizeTypeIdentifier(id)]))
  if (new Set(names.values()).size !== names.size) throw new Error('Two types of one name in one layout')
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return names.get(value) ?? value
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value !== 'object' || value === null) return value
    const kept = Object.entries(value).filter(([key]) => key !== 'astId')
    const part = (key: string, inner: unknown) => (key === 'src' ? String(inner).replace(/:\d+$/, '') : clean(inner))
    return Object.fromEntries(kept.map(([key, inner]) => [names.get(key) ?? key, part(key, inner)]))
  }
  return clean({
    ...layout,
    types: Object.fromEntries(Object.entries(layout.types).sort(([a], [b]) => (a < b ? -1 : 1))),
  }) as StorageLayout
}
