import type { StorageLayout } from '@openzeppelin/upgrades-core'
import { beforeAll, expect, test } from 'vitest'
import { committedLayout, incompatibility, rendered, type Upgradeable, upgradeables } from './storage-layouts.ts'

let list: Upgradeable[]
beforeAll(() => {
  list = upgradeables()
})

const court = () => structuredClone(list.find(({ name }) => name === 'RootCourt')!.layout) as Layout

const added = (slot: string) => {
  return {
    label: 'added',
    offset: 0,
    slot,
    type: 't_uint256',
    contract: 'RootCourt',
    src: 'contracts/rewards/RootCourt.sol',
  }
}

test('every upgradeable contract is safe to upgrade to, as OpenZeppelin validates it', () => {
  expect(list.filter(({ unsafe }) => unsafe !== undefined)).toEqual([])
  expect(list.map(({ name }) => name)).toEqual(expect.arrayContaining(['LineageRegistry', 'RootCourt']))
})

test('every committed layout may be followed by the one of the source', () => {
  const broken = list.map(({ name, layout }) => {
    const before = committedLayout(name)
    return before === undefined ? `${name} has no committed layout` : incompatibility(before, layout)
  })
  expect(broken.filter((fault) => fault !== undefined)).toEqual([])
})

test('the committed layouts are those of the sources; else run `npm run layouts`', () => {
  const stale = list.filter(({ name, layout }) => {
    const before = committedLayout(name)
    return before === undefined || rendered(before) !== rendered(layout)
  })
  expect(stale.map(({ name }) => name)).toEqual([])
})

test('a variable may be added at the end', () => {
  const later = court()
  later.storage.push(added('6'))
  expect(incompatibility(court(), later)).toBeUndefined()
})

test('a variable may not be taken away, put between others, or change its type', () => {
  const [shorter, between, retyped] = [court(), court(), court()]
  shorter.storage.pop()
  between.storage.splice(1, 0, added('1'))
  retyped.storage.find(({ label }) => label === 'latest')!.type = 't_address'
  for (const later of [shorter, between, retyped]) expect(incompatibility(court(), later)).toMatch(/RootCourt/)
})

test('a struct in a mapping or an array may not be reordered', () => {
  const later = court()
  const epoch = Object.values(later.types).find(({ label }) => label === 'struct IRootCourt.Epoch')!
  epoch.members = [...(epoch.members as never[])].reverse()
  expect(incompatibility(court(), later)).toMatch(/Epoch/)
})

test('what is kept in a named place is held to its order too', () => {
  const registry = list.find(({ name }) => name === 'LineageRegistry')!.layout
  const later = structuredClone(registry) as Layout
  expect(Object.keys(later.namespaces!)).toContain('erc7201:openzeppelin.storage.Ownable')
  delete later.namespaces!['erc7201:openzeppelin.storage.Ownable']
  expect(incompatibility(registry, later)).toMatch(/openzeppelin.storage.Ownable/)
})

type Layout = StorageLayout & { types: Record<string, { label: string; members?: unknown[] }> }
