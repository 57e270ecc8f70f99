import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readEntitySchema } from '@openledger/lineage-store'
import { CONTRACT_NAMES } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Interface } from 'ethers'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { directiveOf, readSchema } from '../scripts/data-dictionary.ts'

const SUBGRAPH = resolve(import.meta.dirname, '../subgraph')
type Source = {
  name: string
  mapping: { abis: { name: string }[]; eventHandlers: { event: string; handler: string }[] }
}
const manifest = parse(readFileSync(join(SUBGRAPH, 'subgraph.yaml'), 'utf8')) as { dataSources: Source[] }
const mappings = new Map(
  readdirSync(join(SUBGRAPH, 'src')).map((file) => [file, readFileSync(join(SUBGRAPH, 'src', file), 'utf8')]),
)
const { types, enums } = readSchema()
const fields = types.flatMap(({ sort, node }) =>
  node.fields!.map((field) => ({
    sort,
    name: `${node.name.value}.${field.name.value}`,
    field: field.name.value,
    type: JSON.stringify(field.type),
    isDerived: directiveOf(field, 'derivedFrom') !== undefined,
    says: field.description?.value ?? '',
  })),
)
const isNumber = ({ type }: { type: string }) => /"(Int|Int8|BigInt|BigDecimal)"/.test(type)
const namesOf = (list: readonly { name: string }[]) => list.map(({ name }) => name)

/** Events that no entity is made from, by contract or `*`, and why. */
const OMITTED: Readonly<Record<string, string>> = {
  '*.EIP712DomainChanged': 'part of an interface: no contract of ours ever changes its domain',
  '*.Approval': 'an allowance moves nothing; what it is used for is a transfer',
  'AgentRegistry.ApprovalForAll': 'an allowance moves nothing; what it is used for is a transfer',
  'AgentRegistry.MetadataUpdate': 'says that the URI changed: URIUpdated says to what',
  'AgentRegistry.BatchMetadataUpdate': 'part of an interface: no contract of ours emits it',
  'OpenTimelock.CallSalt': 'the salt is part of the operation’s id, and is of no other use',
  'OpenTimelock.RoleAdminChanged': 'part of an interface: who administers the roles never changes',
}

test('every type, field and enum has a sentence', () => {
  const sentences = [
    ...types.map(({ node }) => ({ name: node.name.value, says: node.description?.value ?? '' })),
    ...enums.map((node) => ({ name: node.name.value, says: node.description?.value ?? '' })),
    ...fields,
  ]
  expect(namesOf(sentences.filter(({ says }) => !/^(?:[A-Z0-9`]|sha2-256|gOPEN).*\.$/s.test(says)))).toEqual([])
})

test('money and only money ends in Wei, and says so; so do parts per million', () => {
  const numbers = fields.filter((field) => isNumber(field) && !field.isDerived)
  expect(namesOf(numbers.filter(({ field, says }) => field.endsWith('Wei') !== /\bwei\b/.test(says)))).toEqual([])
  expect(namesOf(numbers.filter(({ field, says }) => field.endsWith('Ppm') !== /\bppm\b/.test(says)))).toEqual([])
})

test('every number that a handler adds to says whether it can fall', () => {
  const sums = [...mappings.values()].flatMap((text) => [
    ...[...text.matchAll(/\.(\w+) = \w+\.\1\s*\.(?:plus|minus)\(/g)].map(([, field]) => field!),
    ...[...text.matchAll(/\.(\w+) [+-]= /g)].map(([, field]) => field!),
  ])
  expect(new Set(sums).size).toBeGreaterThan(40)
  const totals = fields.filter((field) => field.sort === 'total' && isNumber(field) && sums.includes(field.field))
  expect(namesOf(totals.filter(({ says }) => !/\b(CUMULATIVE|CURRENT)\b/.test(says)))).toEqual([])
})

test('every sum says over which time, or of which it is the end', () => {
  const sums = fields.filter(({ sort, type }) => sort === 'sum' && /BigInt/.test(type))
  expect(sums.length).toBeGreaterThan(20)
  expect(namesOf(sums.filter(({ says }) => !/that time|they (state|cost)/.test(says)))).toEqual([])
})

test('every contract’s events are handled, or left out for a reason', () => {
  const contracts = CONTRACT_NAMES.filter((name) => name !== 'EntryPoint')
  expect(manifest.dataSources.map(({ name }) => name).sort()).toEqual([...contracts].sort())
  const unhandled = manifest.dataSources.flatMap(({ name, mapping }) => {
    const handled = mapping.eventHandlers.map(({ event }) => event.replaceAll('indexed ', ''))
    const unhandled: string[] = []
    new Interface(abis[`${name as (typeof contracts)[number]}Abi`]).forEachEvent((event) => {
      if (!handled.includes(event.format('sighash'))) unhandled.push(`${name}.${event.name}`)
    })
    return unhandled
  })
  const isOmitted = (event: string) => event in OMITTED || event.replace(/^\w+/, '*') in OMITTED
  expect(unhandled.filter((event) => !isOmitted(event))).toEqual([])
  const used = (omitted: string) => unhandled.some((event) => [event, event.replace(/^\w+/, '*')].includes(omitted))
  expect(Object.keys(OMITTED).filter((omitted) => !used(omitted))).toEqual([])
})

test('each contract has one mapping file, which no other contract uses but for what all have in common', () => {
  const homes = new Map(
    [...mappings].flatMap(([file, text]) =>
      [...text.matchAll(/export function (handle\w+)/g)].map(([, handler]) => [handler!, file] as const),
    ),
  )
  const filesOf = ({ mapping }: Source) =>
    [...new Set(mapping.eventHandlers.map(({ handler }) => homes.get(handler)))].filter(
      (file) => file !== 'contract.ts',
    )
  const own = manifest.dataSources.map((source) => [source.name, filesOf(source)] as const)
  const kebab = (name: string) => name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()
  expect(own).toEqual(manifest.dataSources.map(({ name }) => [name, [`${kebab(name)}.ts`]]))
})

test('the lineage store mirrors every fact and total, and leaves out what is derived from them over time', () => {
  const schema = readFileSync(resolve(SUBGRAPH, '../schema.graphql'), 'utf8')
  const lasting = types.filter(({ sort }) => sort === 'fact' || sort === 'total')
  expect(types.filter(({ sort }) => sort === 'point').length).toBeGreaterThan(5)
  expect(namesOf(readEntitySchema(schema).entities)).toEqual(lasting.map(({ node }) => node.name.value).sort())
})
