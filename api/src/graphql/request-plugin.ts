import type { ApolloServerPlugin, GraphQLRequestContextDidResolveOperation } from '@apollo/server'
import { OpenLedgerError } from '@openledger/protocol'
import {
  type FragmentDefinitionNode,
  GraphQLInt,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromAST,
} from 'graphql'
import type { ApiContext } from '../context.ts'
import { checkCost } from '../limits/cost.ts'
import { indexBehind } from '../outages/request-scope.ts'
import { asGraphqlError } from './error-format.ts'

/**
 * Around each operation: before it runs, its cost is checked and it is pinned to the block that it names; after it ran, the
 * answer says what it lacks.
 * @param maxLagBlocks an index that trails the chain by more counts as missing
 */
export function requestPlugin(maxLagBlocks: number): ApolloServerPlugin<ApiContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation(request) {
          try {
            prepare(request)
          } catch (error) {
            throw error instanceof OpenLedgerError ? asGraphqlError(error) : error
          }
        },
        async willSendResponse({ response, contextValue: { scope, chainHead } }) {
          if (response.body.kind !== 'single') return
          const result = response.body.singleResult
          // Not waited for: what the chain said a moment ago is good enough to call the index late.
          void chainHead.read()
          if (chainHead.last !== null && scope.block !== null && chainHead.last - scope.block > maxLagBlocks) {
            if (!scope.isTimeTravel) scope.note('index', indexBehind(), scope.block)
          }
          if (scope.missing.length > 0) result.extensions = { ...result.extensions, missing: scope.missing }
          if (result.data == null && (response.http.status ?? 200) === 200)
            response.http.status = statusOf(result.errors)
        },
      }
    },
  }
}

function prepare({
  schema,
  operation,
  document,
  request,
  contextValue,
}: GraphQLRequestContextDidResolveOperation<ApiContext>) {
  if (operation === undefined) return
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const variables = withDefaults(operation, request.variables ?? {})
  checkCost(schema, operation, fragments, variables)
  const block = namedBlock(operation, fragments, variables)
  if (block !== null) contextValue.subgraph.pin(block)
}

/** Variables as they are given; where one is not, its default. What is of a wrong type is refused when it is coerced. */
export function withDefaults(
  { variableDefinitions }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const variables: Record<string, unknown> = { ...given }
  for (const { variable, defaultValue } of variableDefinitions ?? []) {
    const name = variable.name.value
    if (variables[name] !== undefined || defaultValue === undefined) continue
    if (defaultValue.kind === Kind.INT) variables[name] = Number(defaultValue.value)
  }
  return variables
}

/**
 * The one block that the operation's root fields name; null when none does.
 * @throws block.several
 */
function namedBlock(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Record<string, unknown>,
): number | null {
  const named = new Set<number>()
  const collect = (set: SelectionSetNode): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const argument = selection.arguments?.find(({ name }) => name.value === 'block')
        const block = argument && valueFromAST(argument.value, GraphQLInt, variables)
        if (typeof block === 'number') named.add(block)
      } else {
        const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value)
        if (inner !== undefined) collect(inner.selectionSet)
      }
    }
  }
  collect(operation.selectionSet)
  if (named.size > 1) {
    throw new OpenLedgerError('block.several', 'One request is answered as of one block.', {
      facts: { blocks: [...named].slice(0, 5).join(', ') },
      nextStep: 'Name the same block everywhere, or send several requests.',
    })
  }
  return [...named][0] ?? null
}

/** An answer without any data: the request's fault, or ours for now. */
function statusOf(errors: readonly { extensions?: Record<string, unknown> }[] | undefined): number {
  return errors?.some(
    ({ extensions }) => extensions?.retryable === true || extensions?.code === 'INTERNAL_SERVER_ERROR',
  )
    ? 503
    : 400
}
