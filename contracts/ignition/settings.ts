import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { OpenLedgerError, parseOpen } from '@openledger/protocol'
import { Wallet } from 'ethers'
import type { deploy } from './deploy.ts'

export const USAGE = `Deploys OpenLedger's contracts, or goes on where an earlier run stopped.

  npm run deploy -- --network <name> [flags]

  --network <name>      name of the deployment; "local" is a development chain on this machine   (local)
  --rpc-url <url>       JSON-RPC of the network         (OPENLEDGER_RPC_URL; local: http://127.0.0.1:8545)
  --folder <path>       journal of this deployment      (<state>/deployments/<name>)
  --out <path>          file for the addresses          (OPENLEDGER_DEPLOYMENT; <state>/deployments/<name>.json)
  --guardian <address>  may pause new business and cancel what is pending          (the deployer)
  --council <address>   rules on challenges and disputes, besides governance        (the deployer)
  --treasury <address>  earns the protocol's part                                  (the deployer)
  --attester <address>  may publish features                                       (the deployer)
  --proposer <address>  may propose rewards roots                                  (the deployer)
  --keeper <address>    moves the price of gas in OPEN                             (the deployer)
  --holder <address>    gets the OPEN that is liquid at the start, 21.55 %         (the deployer)
  --investors <address> owns the wallet in which the investors' part vests         (the holder)
  --team <address>      owns the wallet in which the team's part vests             (the holder)
  --entry-point <addr>  ERC-4337's entry point on this chain         (one is deployed)
  --bond <OPEN>         stake of a proposer and of a challenger                    (1000)
  --window <seconds>    from a root's proposal to its opening                      (86400)
  --thaw <seconds>      from announcing a withdrawal to making it                  (86400)

Governance is a timelock that votes of gOPEN drive: no flag names it. On a network other than "local" every role must be named,
so that none stays with the deployer by oversight.

The key of the deployer is read from OPENLEDGER_KEY; without one, the node's first own account deploys.`

const FLAGS = {
  network: { type: 'string', default: 'local' },
  'rpc-url': { type: 'string' },
  folder: { type: 'string' },
  out: { type: 'string' },
  guardian: { type: 'string' },
  council: { type: 'string' },
  treasury: { type: 'string' },
  attester: { type: 'string' },
  proposer: { type: 'string' },
  keeper: { type: 'string' },
  holder: { type: 'string' },
  investors: { type: 'string' },
  team: { type: 'string' },
  'entry-point': { type: 'string' },
  bond: { type: 'string', default: '1000' },
  window: { type: 'string', default: '86400' },
  thaw: { type: 'string', default: '86400' },
} as const

/**
 * What to deploy where, from flags and environment.
 * @param deployerOf asks the node for its first account, where no key is given
 * @throws deployment.settings naming the flag at fault
 */
export async function readSettings(
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
  deployerOf: (rpcUrl: string) => Promise<string>,
): Promise<deploy.Options> {
  const flags = parse(parameters)
  const { network } = flags
  if (!/^[a-z0-9-]{1,40}$/.test(network)) throw wrong('--network', network, 'lower-case letters, digits and dashes')
  const local = network === 'local'
  const rpcUrl = flags['rpc-url'] ?? environment.OPENLEDGER_RPC_URL ?? (local ? 'http://127.0.0.1:8545' : undefined)
  if (rpcUrl === undefined) throw wrong('--rpc-url', 'nothing', 'the JSON-RPC address of the network')
  const key = environment.OPENLEDGER_KEY
  if (key !== undefined && !/^0x[0-9a-fA-F]{64}$/.test(key))
    throw wrong('OPENLEDGER_KEY', 'something else', 'a hex key')

  const deployer = key === undefined ? await deployerOf(rpcUrl) : new Wallet(key).address
  const address = (flag: Role, fallback = local ? deployer : undefined) => {
    const value = flags[flag] ?? fallback
    if (value === undefined)
      throw wrong(`--${flag}`, 'nothing', 'an address: on this network no role is the deployer’s')
    if (!/^0x[0-9a-fA-F]{40}$/.test(value)) throw wrong(`--${flag}`, value, 'an address')
    return value
  }
  const holder = address('holder')
  const state = resolve(environment.OPENLEDGER_STATE ?? '.openledger')
  return {
    rpcUrl,
    network,
    sender: key === undefined ? { kind: 'unlocked', address: deployer } : { kind: 'key', privateKey: key },
    deploymentDir: resolve(flags.folder ?? `${state}/deployments/${network}`),
    deploymentFile: resolve(flags.out ?? environment.OPENLEDGER_DEPLOYMENT ?? `${state}/deployments/${network}.json`),
    ...(local && { confirmations: 1, pollingMs: 100 }),
    parameters: {
      guardian: address('guardian'),
      council: address('council'),
      treasury: address('treasury'),
      attester: address('attester'),
      proposer: address('proposer'),
      keeper: address('keeper'),
      holder,
      investors: address('investors', holder),
      team: address('team', holder),
      bondWei: open('--bond', flags.bond),
      challengeWindowSeconds: seconds('--window', flags.window, 1),
      thawSeconds: seconds('--thaw', flags.thaw, 0),
      ...(flags['entry-point'] !== undefined && { entryPoint: address('entry-point') }),
    },
  }
}

function parse(parameters: readonly string[]) {
  try {
    return parseArgs({ args: [...parameters], options: FLAGS }).values
  } catch (cause) {
    throw wrong('flags', (cause as Error).message, 'the flags that --help lists', cause)
  }
}

function open(flag: string, text: string): bigint {
  if (!/^[0-9]{1,9}(\.[0-9]{1,18})?$/.test(text) || parseOpen(text) === 0n) {
    throw wrong(flag, text, 'an amount of OPEN above 0')
  }
  return parseOpen(text)
}

function seconds(flag: string, text: string, least: number): number {
  if (!/^[0-9]{1,9}$/.test(text) || Number(text) < least) throw wrong(flag, text, `whole seconds from ${least}`)
  return Number(text)
}

function wrong(setting: string, found: string, wanted: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('deployment.settings', `${setting} must be ${wanted}.`, {
    facts: { setting, found },
    nextStep: 'See `npm run deploy -- --help`.',
    cause,
  })
}

/** Flags that name an address. */
type Role =
  | 'guardian'
  | 'council'
  | 'treasury'
  | 'attester'
  | 'proposer'
  | 'keeper'
  | 'holder'
  | 'investors'
  | 'team'
  | 'entry-point'
