import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FieldDefinitionNode, Kind, type ObjectTypeDefinitionNode, parse, print, type TypeNode } from 'graphql'

const FILE = join(import.meta.dirname, '..', '..', '..', 'schema.graphql')

export type EntityField = { name: string; type: string; isList: boolean; derivedFrom: string | null }
export type IndexEntity = { name: string; oneName: string; listName: string; fields: ReadonlyMap<string, EntityField> }

/** The subgraph's entities, and the schema that graph-node makes of them, as far as the api uses it. */
export function readIndexSchema(): { entities: ReadonlyMap<string, IndexEntity>; typeDefs: string } {
  const { definitions } = parse(readFileSync(FILE, 'utf8'))
  const types = definitions.filter(
    (definition): definition is ObjectTypeDefinitionNode =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION &&
      definition.directives?.some(({ name }) => name.value === 'entity') === true,
  )
  const enums = definitions.filter(({ kind }) => kind === Kind.ENUM_TYPE_DEFINITION)
  const entities = new Map(types.map((type) => [type.name.value, entityOf(type)]))
  const texts = [...entities.values()].map((entity) => typeDefsOf(entity, entities))
  const queries = [...entities.values()].map(
    ({ name, oneName, listName }) => `${oneName}(id: ID!, block: Block_height): ${name}
      ${listName}(${listArguments(name)}, block: Block_height): [${name}!]!`,
  )
  return {
    entities,
    typeDefs: [
      COMMON,
      ...enums.map(print),
      ...texts,
      `type Query { _meta(block: Block_height): _Meta_! ${queries.join('\n')} }`,
    ].join('\n'),
  }
}

const COMMON = `
  scalar Bytes
  scalar BigInt
  scalar Int8
  scalar Timestamp
  scalar BigDecimal
  enum OrderDirection { asc desc }
  input Block_height { number: Int }
  type _Block_ { number: Int! hash: Bytes timestamp: Int }
  type _Meta_ { block: _Block_! hasIndexingErrors: Boolean! deployment: String! }`

const listArguments = (name: string) =>
  `first: Int = 100, where: ${name}_filter, orderBy: ${name}_orderBy, orderDirection: OrderDirection`

function typeDefsOf({ name, fields }: IndexEntity, entities: ReadonlyMap<string, IndexEntity>): string {
  const all = [...fields.values()]
  const types = all.map((field) => {
    const type = entities.has(field.type) || !field.isList ? field.type : 'String'
    return field.isList
      ? `${field.name}${entities.has(type) ? `(${listArguments(type)})` : ''}: [${type}!]`
      : `${field.name}: ${type}`
  })
  const filters = all
    .filter(({ derivedFrom, isList }) => derivedFrom === null && !isList)
    .flatMap(({ name: field, type }) => {
      const value = entities.has(type) ? 'String' : type
      const one = ['', '_not', '_gt', '_gte', '_lt', '_lte', '_contains_nocase'].map(
        (suffix) => `${field}${suffix}: ${value}`,
      )
      return [...one, `${field}_in: [${value}!]`, `${field}_not_in: [${value}!]`]
    })
  return `type ${name} { ${types.join(' ')} }
    input ${name}_filter { ${filters.join(' ')} and: [${name}_filter] or: [${name}_filter] }
    enum ${name}_orderBy { ${all.map((field) => field.name).join(' ')} }`
}

function entityOf(type: ObjectTypeDefinitionNode): IndexEntity {
  const name = type.name.value
  const oneName = name[0]!.toLowerCase() + name.slice(1)
  const listName = oneName
    .replace(/(ch|s|x)$/, '$1e')
    .replace(/y$/, 'ie')
    .concat('s')
  return {
    name,
    oneName,
    listName,
    fields: new Map((type.fields ?? []).map((field) => [field.name.value, fieldOf(field)])),
  }
}

function fieldOf(field: FieldDefinitionNode): EntityField {
  const derived = field.directives?.find(({ name }) => name.value === 'derivedFrom')?.arguments?.[0]?.value
  let type: TypeNode = field.type
  let isList = false
  while (type.kind !== Kind.NAMED_TYPE) {
    isList ||= type.kind === Kind.LIST_TYPE
    type = type.type
  }
  return {
    name: field.name.value,
    type: type.name.value,
    isList,
    derivedFrom: derived?.kind === Kind.STRING ? derived.value : null,
  }
}
