import { execFile } from 'node:child_process'
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
import { promisify } from 'node:util'
import { CONTRACT_NAMES, type Deployment, OpenLedgerError } from '@openledger/protocol'
import { parse, stringify } from 'yaml'
import { ascProgram, gndProgram } from './native-programs.ts'

const execute = promisify(execFile)
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
export async function compileMappings(cache = join(PROJECT, 'node_modules', '.cache', 'openledger')): Promise<string> {
  const module = join(cache, `subgraph-${hashOfSources()}.wasm`)
  if (existsSync(module)) return module
  mkdirSync(cache, { recursive: true })
  const work = join(cache, `build-${randomUUID()}`)
  try {
    copySources(work)
    await generateTypes(join(work, 'subgraph'))
    await compile(work, join(work, 'mapping.wasm'))
    renameSync(join(work, 'mapping.wasm'), module)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return module
}

/**
 * Writes a built subgraph that graph-node can run, with the addresses of `deployment`.
 * @param target directory; its `build` is replaced
 * @returns the manifest's path
 */
export function writeSubgraph(module: string, target: string, deployment?: Deployment): string {
  const build = join(target, 'build')
  const draft = join(target, `build-${randomUUID()}`)
  const manifest = readManifest()
  mkdirSync(join(draft, 'abis'), { recursive: true })
  cpSync(join(SUBGRAPH, manifest.schema.file), join(draft, 'schema.graphql'))
  cpSync(module, join(draft, 'mapping.wasm'))
  manifest.schema.file = './schema.graphql'
  for (const source of [...manifest.dataSources, ...manifest.templates]) {
    source.mapping.file = './mapping.wasm'
    for (const abi of source.mapping.abis) {
      writeFileSync(join(draft, 'abis', `${abi.name}.json`), JSON.stringify(readAbi(abi.file)))
      abi.file = `./abis/${abi.name}.json`
    }
    if (source.source !== undefined && deployment !== undefined)
      Object.assign(source.source, placeOf(source, deployment))
  }
  writeFileSync(join(draft, 'subgraph.yaml'), stringify(manifest))
  rmSync(build, { recursive: true, force: true })
  renameSync(draft, build)
  // What `graph build --network` reads: the same places for whoever deploys to a graph-node of their own.
  if (deployment !== undefined)
    writeFileSync(join(target, 'networks.json'), JSON.stringify(networksOf(deployment), null, 2))
  return join(build, 'subgraph.yaml')
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
async function generateTypes(directory: string): Promise<void> {
  await run(gndProgram(), ['codegen'], directory, { PATH: '' })
}

async function compile(work: string, module: string): Promise<void> {
  symlinkSync(join(PROJECT, 'node_modules'), join(work, 'node_modules'))
  const inputs = [`subgraph/${MAPPING}`, 'node_modules/@graphprotocol/graph-ts/global/global.ts']
  const flags = [...COMPILER_FLAGS, '--baseDir', work, '--lib', join(work, 'node_modules'), '--outFile', module]
  await run(process.execPath, [ascProgram(), ...inputs, ...flags], work, process.env)
}

async function run(program: string, parameters: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  try {
    await execute(program, parameters, { cwd, env: { ...env, RUST_BACKTRACE: '0' }, maxBuffer: 64 * 2 ** 20 })
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    throw new OpenLedgerError('subgraph.not_compiled', 'The subgraph does not compile.', {
      facts: { step: parameters[0] ?? program, said: `${stdout}${stderr}`.trim().slice(-1_500) },
      nextStep: 'Correct subgraph/src, schema.graphql or subgraph.yaml as it says.',
      cause,
    })
  }
}
