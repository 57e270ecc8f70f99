import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CONTRACT_NAMES, type Deployment } from '@openledger/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { writeSubgraph } from './subgraph-build.ts'

let directory: string
let module: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'subgraph-'))
  module = join(directory, 'mapping.wasm')
  writeFileSync(module, 'wasm')
})
afterEach(() => rmSync(directory, { recursive: true }))

const addressAt = (i: number) => `0x${String(i + 1).padStart(40, '0')}`
const deploymentAt = (block: number): Deployment => ({
  chainId: 31_337,
  network: 'local',
  startBlock: block,
  contracts: Object.fromEntries(
    CONTRACT_NAMES.map((name, i) => [name, { address: addressAt(i), block: block + i }]),
  ) as Deployment['contracts'],
})
const target = () => join(directory, 'builds')
const build = (deployment: Deployment) => {
  const manifest = writeSubgraph(module, target(), deployment)
  return { manifest, content: parse(readFileSync(manifest, 'utf8')) }
}

test('every data source gets its contract’s address and first block', () => {
  const { content } = build(deploymentAt(7))
  // The entry point serves everybody on its chain; what concerns us of it, our paymaster says.
  const indexed = CONTRACT_NAMES.filter((name) => name !== 'EntryPoint')
  expect(content.dataSources.map(({ name }: { name: string }) => name).sort()).toEqual(indexed.sort())
  for (const { name, source } of content.dataSources) {
    const i = CONTRACT_NAMES.indexOf(name)
    expect([name, source]).toEqual([name, { abi: name, address: addressAt(i), startBlock: 7 + i }])
  }
})

test('every file that the built manifest names is there', () => {
  const { manifest, content } = build(deploymentAt(7))
  const sources = [...content.dataSources, ...content.templates]
  const files = sources.flatMap(({ mapping }) => [
    mapping.file,
    ...mapping.abis.map(({ file }: { file: string }) => file),
  ])
  for (const file of [...files, content.schema.file]) expect(existsSync(join(dirname(manifest), file))).toBe(true)
  const abi = JSON.parse(readFileSync(join(dirname(manifest), 'abis/OpenToken.json'), 'utf8'))
  expect(abi.some(({ name }: { name?: string }) => name === 'Transfer')).toBe(true)
})

test('every handler of the manifest is exported by the mappings', () => {
  const { content } = build(deploymentAt(7))
  const handlers = [
    ...content.dataSources.flatMap((source: { mapping: { eventHandlers: { handler: string }[] } }) =>
      source.mapping.eventHandlers.map(({ handler }) => handler),
    ),
    ...content.templates.map((template: { mapping: { handler: string } }) => template.mapping.handler),
  ]
  const sources = join(import.meta.dirname, '../../../subgraph/src')
  const exported = readdirSync(sources).flatMap((file) =>
    [...readFileSync(join(sources, file), 'utf8').matchAll(/export function (handle\w+)/g)].map(([, name]) => name!),
  )
  // Contracts share what they have in common, such as a pause.
  expect(exported.sort()).toEqual([...new Set(handlers)].sort())
})

test('the same subgraph keeps its path, which is its name in the database; another one gets another', () => {
  const first = build(deploymentAt(7)).manifest
  expect(build(deploymentAt(7)).manifest).toBe(first)
  const second = build(deploymentAt(8)).manifest
  expect(second).not.toBe(first)
  expect(existsSync(first)).toBe(false)
  expect(readdirSync(target())).toHaveLength(1)
})

test('networks.json lets others deploy the same places with graph-cli', () => {
  const { manifest } = build(deploymentAt(7))
  const networks = JSON.parse(readFileSync(join(dirname(dirname(manifest)), 'networks.json'), 'utf8'))
  expect(networks.openledger.LineageRegistry).toEqual({ address: addressAt(7), startBlock: 14 })
})
