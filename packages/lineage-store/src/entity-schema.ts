import { createHash } from 'node:crypto'
import { OpenLedgerError } from '@openledger/protocol'
import { type FieldDefinitionNode, Kind, type ObjectTypeDefinitionNode, parse, type TypeNode } from 'graphql'

/**
 * The subgraph's entities as tables, read from `schema.graphql`, which stays the only place where they are typed.
 *
 * Left out: `@derivedFrom` fields (they are joins), timeseries and `@aggregation` types (a point repeats part of a fact that
 * is mirrored, and DuckDB sums for itself) and interfaces.
 */
export type EntitySchema = {
  readonly entities: readonly EntityType[]
  /** sha2-256 of the entities' shape: another one means other tables. */
  readonly hash: string
}

export type EntityType = {
  readonly name: string
  /** Whether a row never changes once it is written. */
  readonly immutable: boolean
  readonly fields: readonly EntityField[]
}

export type EntityField = {
  readonly name: string
  /** DuckDB type of one value. */
  readonly type: ColumnType
  readonly list: boolean
  readonly nullable: boolean
  /** Whether GraphQL gives an entity here, of which the mirror keeps the id. */
  readonly reference: boolean
}

/**
 * BIGNUM because a BigInt is up to 256 bits wide and sums of money must be exact; no column is a floating-point number.
 * Bytes are text, `0x…` in lower case, as every other part of the system spells them.
 */
export type ColumnType = 'VARCHAR' | 'BIGNUM' | 'BIGINT' | 'INTEGER' | 'BOOLEAN'

const SCALARS: Readonly<Record<string, ColumnType>> = {
  ID: 'VARCHAR',
  String: 'VARCHAR',
  Bytes: 'VARCHAR',
  BigInt: 'BIGNUM',
  // graph-node gives decimals as text; the mirror keeps them so, and whoever sums them chooses the scale.
  BigDecimal: 'VARCHAR',
  Int: 'INTEGER',
  Int8: 'BIGINT',
  Timestamp: 'BIGINT',
  Boolean: 'BOOLEAN',
}

/** @throws lineage.schema_unsupported naming the type and field that no table can hold */
export function readEntitySchema(source: string): EntitySchema {
  const definitions = parse(source).definitions
  const objects = definitions.filter((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION)
  const enums = definitions.filter((node) => node.kind === Kind.ENUM_TYPE_DEFINITION)
  const names = {
    entities: new Set(objects.filter(isMirrored).map((node) => node.name.value)),
    enums: new Set(enums.map((node) => node.name.value)),
  }
  const entities = objects
    .filter((node) => names.entities.has(node.name.value))
    .map((node) => readEntity(node, names))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  if (entities.length === 0) throw unsupported('it has no type with @entity', {})
  const hash = createHash('sha256').update(JSON.stringify(entities)).digest('hex')
  return { entities, hash }
}

function readEntity(node: ObjectTypeDefinitionNode, names: Names): EntityType {
  const fields = (node.fields ?? [])
    .filter((field) => directive(field, 'derivedFrom') === undefined)
    .map((field) => readField(node.name.value, field, names))
  if (!fields.some(({ name }) => name === 'id')) throw unsupported('an entity has no id', { type: node.name.value })
  return { name: node.name.value, immutable: says(node, 'immutable'), fields }
}

function readField(type: string, field: FieldDefinitionNode, names: Names): EntityField {
  const { base, list, nullable } = unwrap(field.type)
  const reference = names.entities.has(base)
  const column = reference || names.enums.has(base) ? 'VARCHAR' : SCALARS[base]
  if (column === undefined)
    throw unsupported('a field has a type without a column', { type, field: field.name.value, base })
  return { name: field.name.value, type: column, list, nullable, reference }
}

function unwrap(type: TypeNode): { base: string; list: boolean; nullable: boolean } {
  if (type.kind === Kind.NON_NULL_TYPE) return { ...unwrap(type.type), nullable: false }
  if (type.kind === Kind.LIST_TYPE) return { ...unwrap(type.type), list: true, nullable: true }
  return { base: type.name.value, list: false, nullable: true }
}

type Names = { entities: ReadonlySet<string>; enums: ReadonlySet<string> }

function isMirrored(node: ObjectTypeDefinitionNode): boolean {
  return directive(node, 'entity') !== undefined && !says(node, 'timeseries')
}

/** Whether the type's `@entity` sets `argument` to true. */
function says(node: ObjectTypeDefinitionNode, argument: string): boolean {
  const given = directive(node, 'entity')?.arguments ?? []
  return given.some(({ name, value }) => name.value === argument && value.kind === Kind.BOOLEAN && value.value)
}

function directive(node: ObjectTypeDefinitionNode | FieldDefinitionNode, name: string) {
  return node.directives?.find((candidate) => candidate.name.value === name)
}

function unsupported(fault: string, facts: Record<string, string>): OpenLedgerError {
  return new OpenLedgerError('lineage.schema_unsupported', `The schema cannot be mirrored: ${fault}.`, {
    facts,
    nextStep: 'Give the entity an id and fields of the scalars, enums and entities that graph-node stores.',
  })
}
