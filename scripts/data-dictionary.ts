/**
 * Turns schema.graphql into docs/data-dictionary.md: `npm run docs`. A test holds the file against the schema.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DefinitionNode,
  type EnumTypeDefinitionNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
} from 'graphql'

const root = resolve(import.meta.dirname, '..')

/** A fact never changes; totals do; a point is what sums are made of. */
export type Sort = 'fact' | 'total' | 'point' | 'sum'
export type DocumentedType = { sort: Sort; node: ObjectTypeDefinitionNode }

const SECTIONS: readonly { sort: Sort; title: string; text: string }[] = [
  {
    sort: 'total',
    title: 'Totals and states',
    text: 'They change: each number that does says CUMULATIVE (only grows) or CURRENT (may fall). Ask for them as of any block with `block: { number: … }`.',
  },
  {
    sort: 'fact',
    title: 'Facts',
    text: 'Immutable: one for each event, or for each line of a manifest.',
  },
  {
    sort: 'sum',
    title: 'Sums over time',
    text: 'By hour and by day, newest first: `feeSums(interval: day, current: include) { timestamp amountWei }`. Without `current: include` the hour or day that is not over yet is left out; one in which nothing happened has no row. A field without a function is a dimension, to be filtered by.',
  },
  {
    sort: 'point',
    title: 'Points',
    text: 'What the sums are made of. Each repeats part of a fact; the lineage store mirrors the fact and leaves the point out.',
  },
]

export function readSchema(): {
  types: DocumentedType[]
  enums: EnumTypeDefinitionNode[]
  searches: ConstDirectiveNode[]
} {
  const { definitions } = parse(readFileSync(join(root, 'schema.graphql'), 'utf8'))
  const objects = definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION)
  return {
    types: objects.flatMap((node) => {
      const sort = sortOf(node)
      return sort === undefined ? [] : [{ sort, node }]
    }),
    enums: definitions.filter((node) => node.kind === Kind.ENUM_TYPE_DEFINITION),
    searches: objects.flatMap((node) => (node.directives ?? []).filter(({ name }) => name.value === 'fulltext')),
  }
}

/** docs/data-dictionary.md as it must be. */
export function renderDictionary({ types, enums, searches }: ReturnType<typeof readSchema>): string {
  const head = `# Data dictionary

Every entity of the subgraph with every field: its type, what it says and its unit. This file is generated from
\`schema.graphql\`: \`npm run docs\`.

Names carry the unit: \`…Wei\` is wei of OPEN (1 OPEN = 10^18 wei) unless it says native coin, \`…Ppm\` parts per million,
\`…Ms\` milliseconds, \`…Bytes\` bytes; timestamps are Unix seconds, but microseconds in sums and points. A type with \`!\` is
never null. A field that is marked as derived is stored on the other side and only joined when it is asked for.`
  const sections = SECTIONS.map(({ sort, title, text }) => {
    const list = types.filter((type) => type.sort === sort).map(({ node }) => renderType(node))
    return `## ${title}\n\n${text}\n\n${list.join('\n\n')}`
  })
  const found = searches.map((directive) => {
    const { name, language, include } = Object.fromEntries(
      directive.arguments!.map((argument) => [argument.name.value, plain(argument.value)]),
    ) as { name: string; language: string; include: { entity: string; fields: { name: string }[] }[] }
    const fields = include.map(
      ({ entity, fields }) => `${entity}: ${fields.map((field) => `\`${field.name}\``).join(', ')}`,
    )
    return `- \`${name}(text: "…")\` looks in ${fields.join('; ')}. Words: \`${language}\`.`
  })
  const searching = `## Searches\n\nWith the operators of Postgres' \`to_tsquery\`: \`&\`, \`|\`, \`!\`, \`<->\` and \`word:*\` for a prefix.\n\n${found.join('\n')}`
  const kinds = enums.map((node) => {
    const values = node.values!.map(({ name }) => `\`${name.value}\``)
    return `### ${node.name.value}\n\n${sentence(node)}\n\n${values.join(', ')}`
  })
  return `${[head, ...sections, searching, `## Enums\n\n${kinds.join('\n\n')}`].join('\n\n')}\n`
}

export function directiveOf(
  node: ObjectTypeDefinitionNode | FieldDefinitionNode,
  name: string,
): Record<string, unknown> | undefined {
  const found = node.directives?.find((directive) => directive.name.value === name)
  return found && Object.fromEntries((found.arguments ?? []).map(({ name, value }) => [name.value, plain(value)]))
}

function sortOf(node: ObjectTypeDefinitionNode): Sort | undefined {
  if (directiveOf(node, 'aggregation') !== undefined) return 'sum'
  const entity = directiveOf(node, 'entity')
  if (entity === undefined) return undefined
  if (entity.timeseries === true) return 'point'
  return entity.immutable === true ? 'fact' : 'total'
}

function renderType(node: ObjectTypeDefinitionNode): string {
  const source = directiveOf(node, 'aggregation')?.source
  const fields = node.fields!.map((field) => {
    return `- \`${field.name.value}\` ${print(field.type)}${markOf(field)}: ${sentence(field)}`
  })
  const about = source === undefined ? sentence(node) : `${sentence(node)} Made of \`${source}\`.`
  return `### ${node.name.value}\n\n${about}\n\n${fields.join('\n')}`
}

function markOf(field: FieldDefinitionNode): string {
  const derived = directiveOf(field, 'derivedFrom')
  if (derived !== undefined) return `, derived from its \`${derived.field}\``
  const sum = directiveOf(field, 'aggregate')
  if (sum === undefined) return ''
  const of = sum.arg === undefined ? '' : ` of \`${sum.arg}\``
  return `, ${sum.fn}${of}${sum.cumulative === true ? ' since the beginning' : ''}`
}

function sentence(
  node: { description?: { value: string } } & Pick<DefinitionNode | FieldDefinitionNode, 'kind'>,
): string {
  return (node.description?.value ?? '').replaceAll('<', '&lt;')
}

function plain(value: ConstValueNode): unknown {
  switch (value.kind) {
    case Kind.LIST:
      return value.values.map(plain)
    case Kind.OBJECT:
      return Object.fromEntries(value.fields.map(({ name, value }) => [name.value, plain(value)]))
    case Kind.NULL:
      return null
    default:
      return value.value
  }
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, 'docs', 'data-dictionary.md'), renderDictionary(readSchema()))
}
