import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { OpenLedgerError } from '@openledger/protocol'

/**
 * What the node must not forget: vouchers (before it serves), receipts (before the last byte of their answer is sent),
 * and settlement batches (before their transaction is sent). A commit is on the disk when it returns. Amounts are
 * decimal strings: SQLite's integers end at 64 bits.
 */
const SCHEMA = `
  CREATE TABLE identity (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    chain_id TEXT NOT NULL,
    escrow TEXT NOT NULL,
    node TEXT NOT NULL
  ) STRICT;

  -- One row per payer and model: the newest voucher, and how the money it promises was used.
  CREATE TABLE channels (
    payer TEXT NOT NULL,
    model_id TEXT NOT NULL,
    cumulative_wei TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    signature TEXT NOT NULL,
    spent_wei TEXT NOT NULL,
    settled_wei TEXT NOT NULL,
    PRIMARY KEY (payer, model_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE receipts (
    sequence INTEGER PRIMARY KEY,
    receipt_hash TEXT NOT NULL UNIQUE,
    receipt TEXT NOT NULL,
    signature TEXT NOT NULL,
    request TEXT NOT NULL,
    response TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    first_sequence INTEGER REFERENCES batches (first_sequence)
  ) STRICT;
  CREATE INDEX unpublished_receipts ON receipts (sequence) WHERE published = 0;
  CREATE INDEX unsettled_receipts ON receipts (sequence) WHERE first_sequence IS NULL;

  CREATE TABLE batches (
    first_sequence INTEGER PRIMARY KEY,
    receipt_batch TEXT NOT NULL,
    settlements TEXT NOT NULL,
    written_off TEXT NOT NULL,
    signed_transaction TEXT,
    transaction_hash TEXT,
    batch TEXT,
    landed INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`
const SCHEMA_VERSION = 1

export type Identity = { chainId: number; escrow: string; node: string }

/**
 * Opens the node's database, for this process alone.
 * @param path   file, or ':memory:'
 * @param waitMs how long a node that is just ending may still hold it
 * @throws node.state_in_use when another process has it open; node.state_foreign when it belongs to another chain,
 *   escrow or node; node.state_newer when a newer version wrote it
 */
export function openDatabase(path: string, identity: Identity, waitMs = 3000): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path, { timeout: waitMs })
  try {
    // Exclusive: two nodes with one state would sign two receipts of one sequence number.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
    database.exec('PRAGMA foreign_keys = ON;')
    inTransaction(database, () => prepare(database, path, identity))
  } catch (cause) {
    database.close()
    if (cause instanceof OpenLedgerError || !/locked|busy/.test(String(cause))) throw cause
    throw new OpenLedgerError('node.state_in_use', "Another inference node uses this node's state.", {
      facts: { file: path },
      nextStep: 'Stop the other node, or give this one its own OPENLEDGER_STATE.',
      cause,
    })
  }
  return database
}

/** Runs `work` in one transaction: all of it is on the disk, or none. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

function prepare(database: DatabaseSync, path: string, identity: Identity): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version > SCHEMA_VERSION) {
    throw new OpenLedgerError('node.state_newer', "A newer version of the node wrote this node's state.", {
      facts: { file: path, version, known: SCHEMA_VERSION },
      nextStep: 'Run the newer version, or give this one its own OPENLEDGER_STATE.',
    })
  }
  const { chainId, escrow, node } = identity
  if (version === 0) {
    database.exec(SCHEMA)
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`)
    database.prepare('INSERT INTO identity VALUES (1, ?, ?, ?)').run(String(chainId), escrow, node)
  }
  const stored = database.prepare('SELECT chain_id, escrow, node FROM identity').get()
  if (stored?.chain_id === String(chainId) && stored.escrow === escrow && stored.node === node) return
  throw new OpenLedgerError('node.state_foreign', 'This state belongs to another chain, escrow or node.', {
    facts: {
      file: path,
      chainId: String(stored?.chain_id),
      escrow: String(stored?.escrow),
      node: String(stored?.node),
    },
    nextStep: 'Give this node its own OPENLEDGER_STATE: its vouchers and receipts mean nothing elsewhere.',
  })
}
