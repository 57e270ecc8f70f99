import { createHash, randomUUID } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CONTRACT_NAMES, type Deployment, OpenLedgerError } from '@openledger/protocol'
import { parse, stringify } from 'yaml'
import { ascProgram, gndProgram } from './native-programs.ts'
import type { Supervisor } from './supervisor.ts'

/** The repository: what is compiled stands in it. */
export const PROJECT = resolve(import.meta.dirname, '../../..')
const SUBGRAPH = join(PROJECT, 'subgraph')
const MAPPING = 'src/index.ts'
/** The name that `subgraph.yaml` gives to whatever chain the deployment file is about. */
export const NETWORK = 'openledger'
// As graph-cli compiles, but for the level: its -O3 takes four times as long, and a mapping spends its time in the store.
const COMPILER_FLAGS = [
  ...['--explicitStart', '--exportRuntime', '--runtime', 'stub'],
  ...['--optimizeLevel', '1', '--shrinkLevel', '0', '--debug'],
]

type Manifest = {
  schema: { file: string }
  dataSources: Source[]
  templates: Source[]
}
type Source = {
  name: string
  source?: { address: string; startBlock: number }
  mapping: { file: string; abis: { name: string; file: string }[] }
}

/**
 * Compiles the mappings, or takes them from the cache when nothing that decides the result has changed. They do not depend
 * on addresses, so all stacks of a checkout share them. Every data source names one file that exports all handlers:
 * graph-cli would compile it for each of them, we do it once.
 * @returns the compiled module
 */
export async function compileMappings(
  supervisor: Supervisor,
  cache = join(PROJECT, 'node_modules', '.cache', 'openledger'),
): Promise<string> {
  const module = join(cache, `subgraph-${hashOfSources()}.wasm`)
  if (existsSync(module)) return module
  mkdirSync(cache, { recursive: true })
  const work = join(cache, `build-${randomUUID()}`)
  try {
    copySources(work)
    await generateTypes(supervisor, join(work, 'subgraph'))
    await compile(supervisor, work, join(work, 'mapping.wasm'))
    renameSync(join(work, 'mapping.wasm'), module)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return module
}

/**
 * Writes a built subgraph that graph-node can run, with the addresses of `deployment` or, without one, those in
 * `subgraph.yaml`. Its folder is named by its content: graph-node knows a local subgraph by its path alone, and must see
 * another one as another.
 * @param target directory for builds; older ones in it are removed
 * @returns the built manifest's path
 */
export function writeSubgraph(module: string, target: string, deployment?: Deployment): string {
  const manifest = readManifest()
  const abis = new Map<string, string>()
  const schema = readFileSync(join(SUBGRAPH, manifest.schema.file))
  manifest.schema.file = './schema.graphql'
  for (const source of [...manifest.dataSources, ...manifest.templates]) {
    source.mapping.file = './mapping.wasm'
    for (const abi of source.mapping.abis) {
      abis.set(abi.name, JSON.stringify(readAbi(abi.file)))
      abi.file = `./abis/${abi.name}.json`
    }
    if (source.source !== undefined && deployment !== undefined)
      Object.assign(source.source, placeOf(source, deployment))
  }
  const text = stringify(manifest)
  const name = createHash('sha256').update(module).update(text).digest('hex').slice(0, 16)
  const home = join(target, name)
  const built = join(home, 'build', 'subgraph.yaml')
  if (existsSync(built)) return built

  const draft = join(target, `draft-${randomUUID()}`)
  mkdirSync(join(draft, 'build', 'abis'), { recursive: true })
  writeFileSync(join(draft, 'build', 'schema.graphql'), schema)
  cpSync(module, join(draft, 'build', 'mapping.wasm'))
  for (const [abi, json] of abis) writeFileSync(join(draft, 'build', 'abis', `${abi}.json`), json)
  writeFileSync(join(draft, 'build', 'subgraph.yaml'), text)
  // gnd checks that a source manifest stands beside the build; it reads only the built one.
  writeFileSync(join(draft, 'subgraph.yaml'), text)
  // What `graph build --network` reads, for whoever deploys to a graph-node of their own.
  if (deployment !== undefined)
    writeFileSync(join(draft, 'networks.json'), JSON.stringify(networksOf(deployment), null, 2))
  for (const old of readdirSync(target)) {
    if (/^([0-9a-f]{16}|draft-.*)$/.test(old) && !draft.endsWith(old))
      rmSync(join(target, old), { recursive: true, force: true })
  }
  renameSync(draft, home)
  return built
}

/** The deployment's places as graph-cli's `networks.json` words them. */
export function networksOf(
  deployment: Deployment,
): Record<string, Record<string, { address: string; startBlock: number }>> {
  const places = CONTRACT_NAMES.map((name) => [name, placeOf({ name }, deployment)] as const)
  return { [NETWORK]: Object.fromEntries(places) }
}

function placeOf(source: Pick<Source, 'name'>, deployment: Deployment): { address: string; startBlock: number } {
  const contract = deployment.contracts[source.name as keyof Deployment['contracts']]
  return { address: contract.address, startBlock: contract.block }
}

function readManifest(): Manifest {
  return parse(readFileSync(join(SUBGRAPH, 'subgraph.yaml'), 'utf8')) as Manifest
}

function readAbi(file: string): unknown {
  return JSON.parse(readFileSync(join(SUBGRAPH, file), 'utf8')).abi
}

/** Every file that decides what the compiler makes. */
function sourceFiles(): string[] {
  const manifest = readManifest()
  const abis = [...manifest.dataSources, ...manifest.templates].flatMap(({ mapping }) => mapping.abis)
  const mappings = readdirSync(join(SUBGRAPH, 'src')).map((name) => join(SUBGRAPH, 'src', name))
  const shared = [manifest.schema.file, ...abis.map(({ file }) => file)].map((file) => join(SUBGRAPH, file))
  return [...new Set([join(SUBGRAPH, 'subgraph.yaml'), ...shared, ...mappings])].sort()
}

function hashOfSources(): string {
  const hash = createHash('sha256').update(JSON.stringify([COMPILER_FLAGS, compilerVersion()]))
  for (const file of sourceFiles())
    hash.update(file.slice(PROJECT.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 32)
}

function compilerVersion(): string {
  const versionOf = (directory: string) => JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).version
  return [dirname(dirname(ascProgram())), join(PROJECT, 'node_modules/@graphprotocol/graph-ts')]
    .map(versionOf)
    .join(' ')
}

function copySources(work: string): void {
  for (const file of sourceFiles()) {
    const copy = join(work, file.slice(PROJECT.length))
    mkdirSync(dirname(copy), { recursive: true })
    cpSync(file, copy)
  }
}

/** Without a PATH it finds no formatter to run over each generated file, which would take most of its time. */
async function generateTypes(supervisor: Supervisor, directory: string): Promise<void> {
  await run(supervisor, 'subgraph-types', gndProgram(), ['codegen'], directory, { PATH: '', RUST_BACKTRACE: '0' })
}

async function compile(supervisor: Supervisor, work: string, module: string): Promise<void> {
  symlinkSync(join(PROJECT, 'node_modules'), join(work, 'node_modules'))
  const inputs = [`subgraph/${MAPPING}`, 'node_modules/@graphprotocol/graph-ts/global/global.ts']
  const flags = [...COMPILER_FLAGS, '--baseDir', work, '--lib', join(work, 'node_modules'), '--outFile', module]
  await run(supervisor, 'subgraph-compiler', process.execPath, [ascProgram(), ...inputs, ...flags], work, process.env)
}

async function run(
  supervisor: Supervisor,
  name: string,
  command: string,
  parameters: string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const { how, said } = await supervisor.complete({ name, command, parameters, directory, environment })
  if (how === 'exit 0') return
  throw new OpenLedgerError('subgraph.not_compiled', 'The subgraph does not compile.', {
    facts: { step: name, how, said: said.trim().slice(-1_500) },
    nextStep: 'Correct subgraph/src, schema.graphql or subgraph.yaml as it says.',
  })
}
