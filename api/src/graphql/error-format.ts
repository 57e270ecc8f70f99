import { unwrapResolverError } from '@apollo/server/errors'
import { OpenLedgerError } from '@openledger/protocol'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'

const DOCS = 'https://github.com/openledger/openledger/blob/main/docs/errors.md'

/** What a client sees of an error: code, hint and where to read on; a stack or an inner message never. */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const inner = innerError(error)
  const place = {
    ...(formatted.path && { path: formatted.path }),
    ...(formatted.locations && { locations: formatted.locations }),
  }
  if (inner instanceof OpenLedgerError) return { message: inner.message, ...place, extensions: extensionsOf(inner) }
  const code = String(formatted.extensions?.code ?? 'INTERNAL_SERVER_ERROR')
  if (code !== 'INTERNAL_SERVER_ERROR') {
    return { message: formatted.message, ...place, extensions: { code, hint: 'Correct the query.', docsUrl: DOCS } }
  }
  const hint = 'Ask again; if it stays, report it with the time.'
  return { message: 'Something went wrong here.', ...place, extensions: { code, hint, docsUrl: DOCS } }
}

/** As `extensions` of a GraphQL error says it. Facts of a passing fault are about our own processes: nobody else's business. */
export function extensionsOf({ code, nextStep, retryable, facts }: OpenLedgerError): Record<string, unknown> {
  const told = Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, typeof fact === 'bigint' ? String(fact) : fact]),
  )
  return {
    code,
    hint: nextStep,
    docsUrl: `${DOCS}#${code.replaceAll('.', '')}`,
    retryable,
    ...(!retryable && { facts: told }),
  }
}

/** A refusal before execution, as Apollo answers it with status 400. */
export function asGraphqlError(error: OpenLedgerError): GraphQLError {
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { code: error.code, http: { status: 400 } },
  })
}

function innerError(error: unknown): unknown {
  const inner = unwrapResolverError(error)
  return inner instanceof GraphQLError && inner.originalError !== undefined ? inner.originalError : inner
}
