import type { Server } from 'node:http'
import { OpenLedgerError } from '@openledger/protocol'
import {
  type ExecutionArgs,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  validate,
} from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import type { ApiContext } from '../context.ts'
import { asGraphqlError, formatError } from '../graphql/error-format.ts'
import { checkCost } from '../limits/cost.ts'
import { checkStructure, checkVariables } from '../limits/structure.ts'
import { createSubscriptionContext } from './context.ts'
import { BlockFeed } from './feed.ts'

const MAX_SOCKETS = 500
const MAX_SUBSCRIPTIONS_PER_SOCKET = 10
const MAX_MESSAGE_BYTES = 64 * 1024

/** Subscriptions at /graphql, in the protocol graphql-transport-ws. */
export function serveSubscriptions(
  server: Server,
  schema: GraphQLSchema,
  newContext: (account: string | null) => ApiContext,
  subgraphUrl: string,
): { close(): Promise<void> } {
  const feed = new BlockFeed(subgraphUrl)
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: MAX_MESSAGE_BYTES })
  const ending = new AbortController()
  const running = new WeakMap<object, Map<string, AbortController>>()
  const end = (socket: object, id: string) => {
    running.get(socket)?.get(id)?.abort()
    running.get(socket)?.delete(id)
  }
  const cleanup = useServer(
    {
      schema,
      connectionInitWaitTimeout: 5_000,
      onConnect: () => sockets.clients.size <= MAX_SOCKETS,
      onSubscribe: ({ extra }, id, { query, variables, operationName }) => {
        const socket = extra.socket as object
        const own = running.get(socket) ?? new Map<string, AbortController>()
        if (own.size >= MAX_SUBSCRIPTIONS_PER_SOCKET) return [tooMany()]
        try {
          const document = checkStructure(query, true)
          checkVariables(variables ?? {})
          const errors = validate(schema, document)
          if (errors.length > 0) return errors
          const operation = getOperationAST(document, operationName)
          if (operation?.operation !== 'subscription') return [onlySubscriptions()]
          const fragments = new Map(
            document.definitions.flatMap((part) =>
              part.kind === Kind.FRAGMENT_DEFINITION ? [[part.name.value, part] as const] : [],
            ),
          )
          checkCost(schema, operation, fragments, variables ?? {})
          const abort = new AbortController()
          running.set(socket, own.set(id, abort))
          const args: ExecutionArgs = {
            schema,
            document,
            variableValues: variables ?? {},
            operationName: operationName ?? null,
            contextValue: createSubscriptionContext(newContext, feed, AbortSignal.any([ending.signal, abort.signal])),
          }
          return args
        } catch (error) {
          return [
            error instanceof OpenLedgerError ? asGraphqlError(error) : new GraphQLError('This is no subscription.'),
          ]
        }
      },
      onComplete: ({ extra }, id) => end(extra.socket, id),
      onClose: ({ extra }) => {
        for (const id of running.get(extra.socket)?.keys() ?? []) end(extra.socket, id)
      },
      onError: (_, __, ___, errors) => errors.map(explain),
      onNext: (_, __, ___, ____, result) =>
        result.errors === undefined ? undefined : { data: result.data ?? null, errors: result.errors.map(explain) },
    },
    sockets,
  )
  return {
    close: async () => {
      ending.abort()
      feed.stop()
      await cleanup.dispose()
      sockets.close()
    },
  }
}

/** As over HTTP: code and hint, never an inner message. */
function explain(error: GraphQLError): GraphQLFormattedError {
  return formatError(error.toJSON(), error)
}

function tooMany(): GraphQLError {
  return asGraphqlError(
    new OpenLedgerError('subscription.too_many', 'This connection has too many subscriptions.', {
      facts: { max: MAX_SUBSCRIPTIONS_PER_SOCKET },
      nextStep: 'End one, or subscribe to more with one subscription.',
    }),
  )
}

function onlySubscriptions(): GraphQLError {
  return asGraphqlError(
    new OpenLedgerError('subscription.only', 'Only subscriptions are answered here.', {
      nextStep: 'Send queries and mutations by POST to /graphql.',
    }),
  )
}
