import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Identity, inTransaction, openDatabase } from './database.ts'

const identity: Identity = { chainId: 31337, escrow: `0x${'e'.repeat(40)}`, node: `0x${'a'.repeat(40)}` }
let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'openledger-node-'))
  path = join(directory, 'state', 'node.sqlite')
})
afterEach(() => rmSync(directory, { recursive: true }))

describe('openDatabase', () => {
  it('keeps what was committed and forgets what was not', () => {
    const first = openDatabase(path, identity)
    const insert = "INSERT INTO channels VALUES (?, 'm', '1', '1', '0x', '0', '0')"
    inTransaction(first, () => first.prepare(insert).run('kept'))
    expect(() =>
      inTransaction(first, () => {
        first.prepare(insert).run('lost')
        throw new Error('stop')
      }),
    ).toThrow('stop')
    first.close()
    const again = openDatabase(path, identity)
    expect(again.prepare('SELECT payer FROM channels').all()).toEqual([{ payer: 'kept' }])
    again.close()
  })

  it('refuses a second user', () => {
    const first = openDatabase(path, identity)
    expect(() => openDatabase(path, identity, 10)).toThrow(expect.objectContaining({ code: 'node.state_in_use' }))
    first.close()
  })

  it.each([{ chainId: 1 }, { escrow: `0x${'f'.repeat(40)}` }, { node: `0x${'b'.repeat(40)}` }])(
    'refuses the state of another deployment or node: %o',
    (change) => {
      openDatabase(path, identity).close()
      expect(() => openDatabase(path, { ...identity, ...change })).toThrow(
        expect.objectContaining({ code: 'node.state_foreign' }),
      )
    },
  )

  it('refuses the state of a newer version', () => {
    openDatabase(path, identity).close()
    const other = new DatabaseSync(path)
    other.exec('PRAGMA user_version = 99')
    other.close()
    expect(() => openDatabase(path, identity)).toThrow(expect.objectContaining({ code: 'node.state_newer' }))
  })
})
