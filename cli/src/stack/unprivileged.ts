import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { OpenLedgerError } from '@openledger/protocol'

/** `nobody`: exists everywhere and owns nothing. */
const NOBODY = { uid: 65_534, gid: 65_534 }

/** Postgres refuses to run as root. */
export type Unprivileged = {
  user?: { uid: number; gid: number }
  /** Wraps a command so that it runs as that user. */
  wrap(command: string, parameters: readonly string[]): { command: string; parameters: readonly string[] }
}

/**
 * Runs programs as `nobody` when we are root, as they are otherwise. Where `nobody` cannot reach the files, because the
 * project lies below a private directory such as /root, it gets the capability to pass through, and no other.
 * @param programs a directory that it must be able to read
 * @param data the directory that it will own; created if missing
 * @throws database.root when neither way is open
 */
export function unprivileged(programs: string, data: string): Unprivileged {
  const asIs: Unprivileged = { wrap: (command, parameters) => ({ command, parameters }) }
  if (process.getuid?.() !== 0) return asIs
  mkdirSync(data, { recursive: true })
  chownSync(data, NOBODY.uid, NOBODY.gid)
  if (canPass(programs) && canPass(data)) return { ...asIs, user: NOBODY }
  const capability = [
    ...[`--reuid=${NOBODY.uid}`, `--regid=${NOBODY.gid}`, '--clear-groups'],
    ...['--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override'],
    // Without it the kernel's access() forgets the capability, and initdb believes that it cannot run postgres.
    '--securebits=+no_setuid_fixup',
  ]
  const wrap = (command: string, parameters: readonly string[]) => ({
    command: 'setpriv',
    parameters: [...capability, command, ...parameters],
  })
  if (spawnSync('setpriv', [...capability, 'true']).status === 0) return { wrap }
  throw new OpenLedgerError(
    'database.root',
    'Postgres does not run as root, and the user nobody cannot reach its files.',
    {
      facts: { programs, data },
      nextStep: 'Start as an ordinary user, or put project and state in directories that everybody may pass through.',
    },
  )
}

function canPass(directory: string): boolean {
  const mayPass = (statSync(directory).mode & 0o005) === 0o005
  const above = dirname(directory)
  return mayPass && (above === directory || canPassThrough(above))
}

function canPassThrough(directory: string): boolean {
  const above = dirname(directory)
  return (statSync(directory).mode & 0o001) === 0o001 && (above === directory || canPassThrough(above))
}
