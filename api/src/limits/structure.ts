import { OpenLedgerError } from '@openledger/protocol'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'

/** What a query may be, fragments counted as often as they are spread. Far above what a person writes. */
export const STRUCTURE_LIMITS = {
  tokens: 2_000,
  depth: 18,
  aliases: 30,
  fields: 1_000,
  rootFields: 20,
  operations: 10,
  listValues: 100,
  valueDepth: 5,
} as const

type Size = { depth: number; aliases: number; fields: number }
const NOTHING: Size = { depth: 0, aliases: 0, fields: 0 }

/**
 * Refuses a query by its form alone, before it is validated: in time linear in its text, since validating a hostile query
 * is the costly part. Each fragment is measured once, however often it is spread.
 * @throws query.syntax, query.too_large, query.by_websocket
 */
export function checkStructure(source: string, allowsSubscriptions = false): DocumentNode {
  const document = parseQuery(source)
  const fragments = new Map<string, FragmentDefinitionNode>()
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  check('operations', operations.length)
  if (!allowsSubscriptions && operations.some(({ operation }) => operation === 'subscription')) {
    throw new OpenLedgerError('query.by_websocket', 'Subscriptions are not answered over HTTP.', {
      nextStep: 'Subscribe over the websocket at the same path, in the protocol graphql-transport-ws.',
    })
  }
  const measured = new Map<string, Size | 'open'>()
  const measureFragment = (name: string): Size => {
    const known = measured.get(name)
    if (known === 'open') throw refused('fragmentCycle', name, 'none')
    if (known !== undefined) return known
    measured.set(name, 'open')
    const size = measure(fragments.get(name)?.selectionSet, measureFragment)
    measured.set(name, size)
    return size
  }
  for (const name of fragments.keys()) measureFragment(name)
  for (const { selectionSet, variableDefinitions } of operations) {
    for (const { defaultValue } of variableDefinitions ?? []) if (defaultValue) checkValue(defaultValue, 0)
    check('rootFields', selectionSet.selections.length)
    measure(selectionSet, measureFragment)
  }
  return document
}

function parseQuery(source: string): DocumentNode {
  try {
    return parse(source, { noLocation: true, maxTokens: STRUCTURE_LIMITS.tokens })
  } catch (error) {
    if (error instanceof GraphQLError && error.message.includes('tokens')) {
      throw refused('tokens', 'more', STRUCTURE_LIMITS.tokens)
    }
    throw new OpenLedgerError('query.syntax', 'This is no GraphQL.', {
      facts: { reason: (error instanceof Error ? error.message : String(error)).slice(0, 200) },
      nextStep: 'Correct the query; docs/graphql.md has examples.',
    })
  }
}

function measure(set: SelectionSetNode | undefined, measureFragment: (name: string) => Size): Size {
  let { depth, aliases, fields } = NOTHING
  for (const selection of set?.selections ?? []) {
    for (const directive of selection.directives ?? []) {
      for (const { value } of directive.arguments ?? []) checkValue(value, 0)
    }
    let inner: Size
    if (selection.kind === Kind.FRAGMENT_SPREAD) inner = measureFragment(selection.name.value)
    else {
      inner = measure(selection.selectionSet, measureFragment)
      if (selection.kind === Kind.FIELD) {
        for (const { value } of selection.arguments ?? []) checkValue(value, 0)
        depth = Math.max(depth, inner.depth + 1)
        aliases += selection.alias === undefined ? 0 : 1
        fields += 1
      }
    }
    depth = Math.max(depth, inner.depth)
    aliases += inner.aliases
    fields += inner.fields
    check('depth', depth)
    check('aliases', aliases)
    check('fields', fields)
  }
  return { depth, aliases, fields }
}

function checkValue(value: ValueNode, depth: number): void {
  check('valueDepth', depth)
  if (value.kind === Kind.LIST) {
    check('listValues', value.values.length)
    for (const item of value.values) checkValue(item, depth + 1)
  }
  if (value.kind === Kind.OBJECT) {
    check('listValues', value.fields.length)
    for (const field of value.fields) checkValue(field.value, depth + 1)
  }
}

/** A contribution of 1,000 records is one of about 5,000 values. */
const MAX_VARIABLE_VALUES = 6_000
const MAX_VARIABLE_DEPTH = 8

/** Refuses variables that no query of ours takes: they are coerced one by one before any limit of a field is seen. */
export function checkVariables(variables: unknown): void {
  let values = 0
  const visit = (value: unknown, depth: number): void => {
    values += 1
    if (values > MAX_VARIABLE_VALUES) throw refused('variableValues', values, MAX_VARIABLE_VALUES)
    if (depth > MAX_VARIABLE_DEPTH) throw refused('variableDepth', depth, MAX_VARIABLE_DEPTH)
    if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) visit(item, depth + 1)
  }
  visit(variables, 0)
}

function check(name: keyof typeof STRUCTURE_LIMITS, value: number): void {
  if (value > STRUCTURE_LIMITS[name]) throw refused(name, value, STRUCTURE_LIMITS[name])
}

function refused(limit: string, value: string | number, max: string | number): OpenLedgerError {
  return new OpenLedgerError('query.too_large', 'This query is larger than the api answers.', {
    facts: { limit, value, max },
    nextStep: 'Ask in several smaller queries; docs/graphql.md lists the limits.',
  })
}
