import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { OpenLedgerError } from '@openledger/protocol'
import { type BaseWallet, Wallet } from 'ethers'
import { contributorWallet, roles, roleWallet } from '../demo/accounts.ts'

/** Chains whose accounts everybody has the keys of. */
const LOCAL_CHAIN_ID = 31337

export type SignerFlags = { account?: string; keystore?: string; input?: boolean }

/**
 * Whose key signs: a named demo account, an encrypted keystore, or the key in OPENLEDGER_KEY.
 * @throws account.missing, account.unknown, account.not_local, keystore.unreadable, keystore.locked, key.malformed
 */
export async function openWallet(flags: SignerFlags, chainId: number): Promise<BaseWallet> {
  if (flags.account !== undefined) return demoWallet(flags.account, chainId)
  if (flags.keystore !== undefined) return unlock(flags.keystore, flags.input !== false)
  const key = process.env.OPENLEDGER_KEY
  if (key) return walletOf(key)
  throw new OpenLedgerError('account.missing', 'This needs a key to sign with, and none was given.', {
    nextStep: 'Add --account alice on a local chain, or --keystore <file>; or set OPENLEDGER_KEY.',
  })
}

/** The address that a person names: itself, or a demo account's. @throws account.unknown, account.not_local */
export function addressOf(name: string, chainId: number): string {
  return (/^0x[0-9a-fA-F]{40}$/.test(name) ? name : demoWallet(name, chainId).address).toLowerCase()
}

function demoWallet(name: string, chainId: number): BaseWallet {
  if (chainId !== LOCAL_CHAIN_ID) {
    throw new OpenLedgerError('account.not_local', 'Demo accounts are for local chains: everybody has their keys.', {
      facts: { account: name.slice(0, 40), chainId },
      nextStep: 'Use --keystore <file> or OPENLEDGER_KEY.',
    })
  }
  const contributor = /^contributor-([0-9]{1,3})$/.exec(name)?.[1]
  if (contributor !== undefined) return contributorWallet(Number(contributor))
  const role = roles().find((one) => one === name)
  if (role !== undefined) return roleWallet(role)
  throw new OpenLedgerError('account.unknown', 'There is no demo account of this name.', {
    facts: { account: name.slice(0, 40), accounts: `${roles().join(', ')}, contributor-0, contributor-1, …` },
    nextStep: 'Take one of these.',
  })
}

async function unlock(file: string, mayAsk: boolean): Promise<BaseWallet> {
  let json: string
  try {
    json = await readFile(file, 'utf8')
  } catch (cause) {
    throw new OpenLedgerError('keystore.unreadable', 'The keystore file cannot be read.', {
      facts: { file, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) },
      nextStep: 'Check the path and who may read it.',
      cause,
    })
  }
  const password = process.env.OPENLEDGER_KEYSTORE_PASSWORD ?? (mayAsk ? await askPassword(file) : null)
  if (password === null) throw locked(file, 'no password was given')
  try {
    return await Wallet.fromEncryptedJson(json, password)
  } catch (cause) {
    throw locked(file, 'it is no keystore, or the password is wrong', cause)
  }
}

function locked(file: string, reason: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('keystore.locked', 'The keystore could not be opened.', {
    facts: { file, reason },
    nextStep: 'Set OPENLEDGER_KEYSTORE_PASSWORD, or run it in a terminal without --no-input.',
    cause,
  })
}

function walletOf(key: string): BaseWallet {
  try {
    return new Wallet(key)
  } catch {
    // Without the cause: its message would show the key.
    throw new OpenLedgerError('key.malformed', 'OPENLEDGER_KEY is no private key.', {
      nextStep: 'Give 0x and 64 hex digits, or unset it and use --keystore <file>.',
    })
  }
}

/** Asks on the terminal without showing what is typed; null where there is no terminal. */
async function askPassword(file: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null
  process.stderr.write(`Password of ${file}: `)
  const silent = new Writable({ write: (_, __, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await new Promise((resolve) => lines.question('', resolve))
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
