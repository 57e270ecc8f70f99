import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { OpenLedgerError } from '@openledger/protocol'

/**
 * Every setting of the stack, once: what it means, its environment variable, its default. A flag of the same name (in
 * kebab case) wins over the environment, the environment over `openledger.config.ts`, that over the default.
 */
const SETTINGS = {
  state: text('OPENLEDGER_STATE', '.openledger', 'Directory of all state: chain, database, index, content, logs.'),
  portOffset: port('OPENLEDGER_PORT_OFFSET', 0, 'Added to every port below, so that several stacks can run at once.'),
  apiPort: port('OPENLEDGER_API_PORT', 4000, 'GraphQL, page, uploads and content.'),
  inferencePort: port('OPENLEDGER_INFERENCE_PORT', 4100, 'OpenAI-compatible completions, paid by vouchers.'),
  enginePort: port('OPENLEDGER_ENGINE_PORT', 4200, 'Explanations and status of the attribution engine.'),
  factoryPort: port(
    'OPENLEDGER_FACTORY_PORT',
    4300,
    'Training runs of the model-factory, for the api and this machine.',
  ),
  contentPort: port('OPENLEDGER_CONTENT_PORT', 5001, 'Content by CID: gateway and the IPFS RPC that graph-node reads.'),
  chainPort: port('OPENLEDGER_CHAIN_PORT', 8545, 'JSON-RPC of the chain.'),
  subgraphPort: port(
    'OPENLEDGER_SUBGRAPH_PORT',
    8000,
    'GraphQL of the subgraph. graph-node binds it on every interface.',
  ),
  indexAdminPort: port('OPENLEDGER_INDEX_ADMIN_PORT', 8020, 'Admin RPC of graph-node.'),
  indexStatusPort: port('OPENLEDGER_INDEX_STATUS_PORT', 8030, 'Indexing status of graph-node, as GraphQL.'),
  indexMetricsPort: port('OPENLEDGER_INDEX_METRICS_PORT', 8040, 'Prometheus metrics of graph-node.'),
  databasePort: port('OPENLEDGER_DATABASE_PORT', 5433, 'Postgres that holds the index.'),
  bondOpen: whole(
    'OPENLEDGER_BOND_OPEN',
    1_000,
    'OPEN at stake under a rewards root and under a challenge. At deployment.',
  ),
  challengeWindow: whole(
    'OPENLEDGER_CHALLENGE_WINDOW',
    20,
    'Seconds from proposing a root to its paying. At deployment.',
  ),
  thawTime: whole('OPENLEDGER_THAW_TIME', 3_600, 'Seconds from asking for a deposit back to taking it. At deployment.'),
} as const

export type SettingName = keyof typeof SETTINGS
export type Settings = { -readonly [Name in SettingName]: (typeof SETTINGS)[Name]['standard'] }
export type PortName = Exclude<Extract<SettingName, `${string}Port`>, 'portOffset'>

type Setting<T> = { variable: string; standard: T; sentence: string; parse(text: string): T | undefined }

/** The settings' names, in the order of the table. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

/** Those settings that are ports to listen on. */
export const PORT_NAMES = SETTING_NAMES.filter((name): name is PortName => name.endsWith('Port'))

/** What `--help`, `.env.example` and error messages say about a setting. */
export function describeSetting(name: SettingName): {
  flag: string
  variable: string
  standard: string
  sentence: string
} {
  const { variable, standard, sentence } = SETTINGS[name]
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  return { flag, variable, standard: String(standard), sentence }
}

/**
 * The settings in force.
 * @param flags values given on the command line, by name
 * @throws settings.invalid naming the flag, variable or file at fault
 */
export async function readSettings(
  flags: Partial<Record<SettingName, string>> = {},
  environment: NodeJS.ProcessEnv = process.env,
  directory = process.cwd(),
): Promise<Settings> {
  const file = await readConfigFile(resolve(directory, 'openledger.config.ts'))
  const settings: Record<string, string | number> = {}
  for (const name of SETTING_NAMES) {
    const { flag, variable } = describeSetting(name)
    const given = [
      { from: flag, value: flags[name] },
      { from: variable, value: environment[variable] },
      { from: 'openledger.config.ts', value: file[name] === undefined ? undefined : String(file[name]) },
    ].find(({ value }) => value !== undefined && value !== '')
    settings[name] = given === undefined ? SETTINGS[name].standard : parse(name, given.from, given.value!)
  }
  const { portOffset } = settings as Settings
  for (const name of PORT_NAMES) {
    const port = (settings[name] as number) + portOffset
    settings[name] = parse(name, `${describeSetting(name).flag} and --port-offset`, String(port))
  }
  const state = resolve(directory, settings.state as string)
  return { ...(settings as Settings), state }
}

function parse(name: SettingName, from: string, value: string): string | number {
  const parsed = SETTINGS[name].parse(value)
  if (parsed !== undefined) return parsed
  throw new OpenLedgerError('settings.invalid', 'A setting has a value that it cannot have.', {
    facts: { setting: name, from, value: value.slice(0, 80), meaning: SETTINGS[name].sentence },
    nextStep: `Correct it there, or leave it out: ${String(SETTINGS[name].standard)} is the default.`,
  })
}

async function readConfigFile(path: string): Promise<Partial<Record<SettingName, unknown>>> {
  if (!existsSync(path)) return {}
  const config: unknown = (await import(pathToFileURL(path).href)).default
  const known: readonly string[] = SETTING_NAMES
  const unknown = Object.keys(config ?? {}).find((name) => !known.includes(name))
  if (typeof config === 'object' && config !== null && unknown === undefined) return config
  throw new OpenLedgerError('settings.invalid', 'openledger.config.ts does not hold settings.', {
    facts: { file: path, unknown: unknown ?? 'no default export' },
    nextStep: 'Export an object with names from cli/src/settings.ts as default.',
  })
}

function text(variable: string, standard: string, sentence: string): Setting<string> {
  return { variable, standard, sentence, parse: (value) => value }
}

function port(variable: string, standard: number, sentence: string): Setting<number> {
  const { parse } = whole(variable, standard, sentence)
  return {
    variable,
    standard,
    sentence,
    parse: (value) => ((parse(value) ?? 65_536) <= 65_535 ? parse(value) : undefined),
  }
}

function whole(variable: string, standard: number, sentence: string): Setting<number> {
  return { variable, standard, sentence, parse: (value) => (/^[0-9]{1,9}$/.test(value) ? Number(value) : undefined) }
}
