import { OpenLedgerError } from '@openledger/protocol'
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromAST,
} from 'graphql'
import { MAX_FIRST } from '../lists/page-of.ts'

/** One unit is about one field of one row. */
export const MAX_COST = 20_000
/** Rows that a list without `first` is taken to have. */
const ROWS_OF_SHORT_LIST = 10
/** What costs more than reading a row that is there: a file from the content store, a question to the engine. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'Record.text': 5,
  'Answer.prompt': 5,
  'Answer.text': 5,
  'Answer.evidence': 20,
  'Adapter.training': 10,
  'Query.search': 50,
  'Query.trainingPreflight': 2_000,
  'TrainingJob.run': 20,
  'TrainingRun.metrics': 10,
  'Meta.missing': 20,
}
/** Where a page may be of another size than elsewhere. */
const MAX_FIRSTS: Readonly<Record<string, number>> = {
  'Answer.shares': 1_000,
  'Query.search': 20,
  'TrainingPreflight.rows': 1_000,
  'TrainingRun.metrics': 1_000,
}

/**
 * What an operation costs at most, with the variables that it is asked with; each fragment is counted once a type.
 * @throws query.too_costly, page.first_out_of_range
 */
export function checkCost(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
): number {
  const known = new Map<string, number>()

  const costOfSet = (set: SelectionSetNode, type: GraphQLCompositeType): number => {
    let sum = 0
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) sum += costOfField(selection, type)
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const name = selection.typeCondition?.name.value
        sum += costOfSet(selection.selectionSet, name === undefined ? type : composite(name, type))
      } else sum += costOfFragment(selection.name.value, type)
      if (sum > MAX_COST) throw tooCostly(sum)
    }
    return sum
  }

  const costOfFragment = (name: string, type: GraphQLCompositeType): number => {
    const cached = known.get(name)
    if (cached !== undefined) return cached
    const fragment = fragments.get(name)
    if (fragment === undefined) return 0
    const cost = costOfSet(fragment.selectionSet, composite(fragment.typeCondition.name.value, type))
    known.set(name, cost)
    return cost
  }

  const composite = (name: string, otherwise: GraphQLCompositeType): GraphQLCompositeType => {
    const type = schema.getType(name)
    return type !== undefined && isCompositeType(type) ? type : otherwise
  }

  const costOfField = (node: FieldNode, parent: GraphQLCompositeType): number => {
    const name = `${parent.name}.${node.name.value}`
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined
    if (field === undefined) return 1
    const rows = rowsOf(name, field, node)
    const type = getNamedType(field.type)
    const inner = node.selectionSet === undefined || !isCompositeType(type) ? 0 : costOfSet(node.selectionSet, type)
    return (WEIGHTS[name] ?? 1) + rows * inner
  }

  const rowsOf = (name: string, field: GraphQLField<unknown, unknown>, node: FieldNode): number => {
    const definition = field.args.find((argument) => argument.name === 'first')
    if (definition === undefined) {
      const isOfPage = /(Connection)\.(nodes|edges)$/.test(name)
      return isList(field) && isCompositeType(getNamedType(field.type)) && !isOfPage ? ROWS_OF_SHORT_LIST : 1
    }
    const given = node.arguments?.find((argument) => argument.name.value === 'first')
    const value = given === undefined ? definition.defaultValue : valueFromAST(given.value, definition.type, variables)
    // What is no number is refused when it is coerced.
    const first = typeof value === 'number' ? value : Number(definition.defaultValue)
    const max = MAX_FIRSTS[name] ?? MAX_FIRST
    if (first < 1 || first > max) {
      throw new OpenLedgerError('page.first_out_of_range', 'A page cannot be that large or empty.', {
        facts: { field: name, first, max },
        nextStep: 'Ask for 1 to the given maximum at a time and follow pageInfo.endCursor.',
      })
    }
    return first
  }

  const root = schema.getRootType(operation.operation)
  return root == null ? 0 : costOfSet(operation.selectionSet, root)
}

function isList({ type }: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type)
}

function tooCostly(cost: number): OpenLedgerError {
  return new OpenLedgerError('query.too_costly', 'This query asks for more rows than the api gives at once.', {
    facts: { cost, max: MAX_COST },
    nextStep: 'Ask for smaller pages, above all of lists inside lists.',
  })
}
