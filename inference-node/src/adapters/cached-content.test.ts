import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cidOf } from '@openledger/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CachedContent } from './cached-content.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'openledger-cache-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const bytes = Uint8Array.of(1, 2, 3)
const cid = cidOf(bytes)

function source(answer: Uint8Array) {
  const asked: string[] = []
  const get = async (wanted: string) => {
    asked.push(wanted)
    return answer
  }
  return { asked, get }
}

describe('CachedContent', () => {
  it('asks its source once, and the disk from then on, also after a restart', async () => {
    const remote = source(bytes)
    expect(await new CachedContent(directory, remote).get(cid)).toEqual(bytes)
    expect(new Uint8Array(await new CachedContent(directory, remote).get(cid))).toEqual(bytes)
    expect(remote.asked).toEqual([cid])
  })

  it('keeps nothing that is not what its name says', async () => {
    await expect(new CachedContent(directory, source(Uint8Array.of(9))).get(cid)).rejects.toMatchObject({
      code: 'content.hash_mismatch',
    })
  })

  it('fetches again what the disk damaged', async () => {
    const remote = source(bytes)
    const cache = new CachedContent(directory, remote)
    await cache.get(cid)
    const file = readdirSync(directory, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith(cid))!
    writeFileSync(join(directory, file), 'damaged')
    expect(new Uint8Array(await cache.get(cid))).toEqual(bytes)
    expect(remote.asked).toHaveLength(2)
  })
})
