import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContractName } from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Interface } from 'ethers'
import { parse } from 'yaml'
import { placeOf, type TestCase } from './test-case.ts'

type Source = { name: ContractName; mapping: { eventHandlers: { event: string; handler: string }[] } }
type Log = { address: string; topics: readonly string[] }

/** Every event that subgraph.yaml has a handler for, as `Contract.Event`. */
export function handledEvents(): string[] {
  return readSources().flatMap(({ name, mapping }) =>
    mapping.eventHandlers.map(({ event }) => `${name}.${event.slice(0, event.indexOf('('))}`),
  )
}

/** Every event that the cases send to the engine. */
export function eventsOfCases(cases: readonly TestCase[]): string[] {
  const names = new Map(readSources().map(({ name }) => [placeOf(name), name]))
  const events = cases.flatMap(({ blocks }) => blocks.flatMap((block) => block.events ?? []))
  return events.map(({ address, event }) => `${names.get(address)}.${event.slice(0, event.indexOf('('))}`)
}

/** Every event of our contracts among the logs of a chain. */
export function eventsOfLogs(
  logs: readonly Log[],
  addresses: Readonly<Record<ContractName, { address: string }>>,
): string[] {
  const sources = new Map(readSources().map(({ name }) => [addresses[name].address.toLowerCase(), name]))
  return logs.flatMap(({ address, topics }) => {
    const name = sources.get(address.toLowerCase())
    const event = name === undefined ? null : new Interface(abis[`${name}Abi`]).getEvent(topics[0]!)
    return event === null ? [] : [`${name}.${event.name}`]
  })
}

function readSources(): Source[] {
  const text = readFileSync(join(import.meta.dirname, '../subgraph.yaml'), 'utf8')
  return (parse(text) as { dataSources: Source[] }).dataSources
}
