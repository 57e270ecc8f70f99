/** The TypeScript types of what a GraphQL operation takes and gives. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql'

/** The template type of hex, put together because it is no template here. */
const HEX = ['`0x$', '{string}`'].join('')
/** Integers that JSON would round are decimal strings; hashes and addresses say that they are hex. */
const SCALARS: Record<string, string> = {
  Int: 'number',
  Float: 'number',
  Boolean: 'boolean',
  String: 'string',
  ID: 'string',
  BigInt: 'string',
  Bytes32: HEX,
  Address: HEX,
  Bytes: HEX,
}
/** Written by people and programs as any text; the api refuses what is no hash. */
const INPUT_SCALARS: Record<string, string> = { ...SCALARS, Bytes32: 'string', Address: 'string', Bytes: 'string' }

/** @param document one operation with its own fragments, valid for the schema */
export function typesOfOperation(schema: GraphQLSchema, document: DocumentNode): { variables: string; data: string } {
  const operation = document.definitions.find(
    (one) => one.kind === Kind.OPERATION_DEFINITION,
  ) as OperationDefinitionNode
  const fragments = new Map(
    document.definitions
      .filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)
      .map((one) => [one.name.value, one]),
  )
  const root = schema.getRootType(operation.operation)!
  return {
    variables: variablesOf(schema, operation),
    data: new Selections(schema, fragments).of(operation.selectionSet, root, 0),
  }
}

function variablesOf(schema: GraphQLSchema, { variableDefinitions = [] }: OperationDefinitionNode): string {
  const members = variableDefinitions.map(({ variable, type, defaultValue }) => {
    const graphqlType = typeFromAST(schema, type as never) as GraphQLType
    const optional = !isNonNullType(graphqlType) || defaultValue !== undefined
    return `${variable.name.value}${optional ? '?' : ''}: ${inputType(graphqlType, 1)}`
  })
  return members.length === 0 ? 'Record<string, never>' : block(members, 0)
}

function inputType(type: GraphQLType, depth: number): string {
  if (isNonNullType(type)) return inputType(type.ofType, depth).replace(/ \| null$/, '')
  if (isListType(type)) return `readonly (${inputType(type.ofType, depth)})[] | null`
  if (isEnumType(type)) return `${literals(type.getValues())} | null`
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).map((field) => {
      const optional = !isNonNullType(field.type) || field.defaultValue !== undefined
      return `${field.name}${optional ? '?' : ''}: ${inputType(field.type, depth + 1)}`
    })
    return `${block(fields, depth)} | null`
  }
  return `${INPUT_SCALARS[getNamedType(type).name] ?? 'unknown'} | null`
}

class Selections {
  readonly #schema: GraphQLSchema
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>

  constructor(schema: GraphQLSchema, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#schema = schema
    this.#fragments = fragments
  }

  /** An interface or union becomes one object type for each type that it can be, where the selection tells them apart. */
  of(set: SelectionSetNode, parent: GraphQLCompositeType, depth: number): string {
    if (!isAbstractType(parent)) return this.#object(set, parent, depth)
    const variants = this.#schema.getPossibleTypes(parent).map((type) => this.#object(set, type, depth))
    return [...new Set(variants)].join(' | ')
  }

  #object(set: SelectionSetNode, type: GraphQLObjectType, depth: number): string {
    const members = new Map<string, string>()
    this.#collect(set, type, depth, members)
    return block(
      [...members].map(([name, text]) => `${name}: ${text}`),
      depth,
    )
  }

  #collect(set: SelectionSetNode, type: GraphQLObjectType, depth: number, members: Map<string, string>): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.name.value
        const key = selection.alias?.value ?? name
        if (name === '__typename') members.set(key, `'${type.name}'`)
        else members.set(key, this.#output(type.getFields()[name]!.type, selection.selectionSet, depth + 1))
        continue
      }
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(selection.name.value)! : selection
      const on = fragment.typeCondition?.name.value ?? type.name
      const condition = this.#schema.getType(on)!
      const applies = isObjectType(condition)
        ? condition === type
        : isAbstractType(condition) && this.#schema.isSubType(condition, type)
      if (applies) this.#collect(fragment.selectionSet, type, depth, members)
    }
  }

  #output(type: GraphQLOutputType, set: SelectionSetNode | undefined, depth: number): string {
    if (isNonNullType(type)) return this.#present(type.ofType, set, depth)
    return `${this.#present(type, set, depth)} | null`
  }

  #present(type: GraphQLOutputType, set: SelectionSetNode | undefined, depth: number): string {
    if (isNonNullType(type)) return this.#present(type.ofType, set, depth)
    if (isListType(type)) {
      const item = this.#output(type.ofType, set, depth)
      return /[|{]/.test(item) ? `Array<${item}>` : `${item}[]`
    }
    if (isCompositeType(type)) return this.of(set!, type, depth)
    if (isEnumType(type)) return literals(type.getValues())
    return SCALARS[type.name] ?? 'unknown'
  }
}

function literals(values: readonly { name: string }[]): string {
  return values.map(({ name }) => `'${name}'`).join(' | ')
}

function block(members: readonly string[], depth: number): string {
  const indent = '  '.repeat(depth + 1)
  return `{\n${members.map((member) => `${indent}${member}`).join('\n')}\n${'  '.repeat(depth)}}`
}
