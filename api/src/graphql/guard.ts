import { createHash } from 'node:crypto'
import { OpenLedgerError } from '@openledger/protocol'
import type { RequestHandler } from 'express'
import { checkStructure, checkVariables } from '../limits/structure.ts'
import type { PersistedOperations } from './persisted-operations.ts'

/** Queries that passed need not be looked at again: clients send the same few. */
const MAX_PASSED = 1_000

export type Guard = {
  operations: PersistedOperations
  /** Answer nothing but the persisted operations. */
  safelistOnly: boolean
}

/**
 * Refuses what is no query of ours before anything is validated or executed.
 * @throws graphql.json_only, graphql.no_batches, graphql.no_query, graphql.unknown_operation, graphql.not_safelisted,
 * query.syntax, query.too_large
 */
export function guardGraphql(guard: Guard): RequestHandler {
  const checkText = rememberPassed((text) => checkStructure(text))
  return (request, response, next) => {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST')
      throw new OpenLedgerError('graphql.post_only', 'GraphQL is asked by POST here.', {
        nextStep: 'Send the query as JSON by POST.',
      })
    }
    const body: unknown = request.body
    if (Array.isArray(body)) {
      throw new OpenLedgerError('graphql.no_batches', 'One request holds one query.', {
        nextStep: 'Send the queries one by one.',
      })
    }
    if (!request.is('application/json') || typeof body !== 'object' || body === null) {
      throw new OpenLedgerError('graphql.json_only', 'The body is no JSON object.', {
        nextStep: 'Send {"query": …, "variables": …} with content-type application/json.',
      })
    }
    request.body = checkQuery(body as Record<string, unknown>, guard, checkText)
    next()
  }
}

/** The request as Apollo is to see it: with its text, and without what nobody asked for. */
export function checkQuery(
  body: Record<string, unknown>,
  { operations, safelistOnly }: Guard,
  checkText: (text: string) => unknown,
): { query: string; variables?: unknown; operationName?: unknown } {
  const { query = persisted(body, operations), variables, operationName } = body
  if (typeof query !== 'string') {
    throw new OpenLedgerError('graphql.no_query', 'The request holds no query.', {
      nextStep: 'Give the query as text in `query`.',
    })
  }
  if (safelistOnly && !operations.has(query)) {
    throw new OpenLedgerError('graphql.not_safelisted', 'This api answers only the operations that it knows.', {
      nextStep: 'Send one of the hashes of /operations.json as extensions.persistedQuery.sha256Hash.',
    })
  }
  checkText(query)
  if (variables != null) checkVariables(variables)
  return {
    query,
    ...(variables != null && { variables }),
    ...(operationName != null && { operationName }),
  }
}

function persisted({ extensions }: Record<string, unknown>, operations: PersistedOperations): string | undefined {
  const hash = (extensions as { persistedQuery?: { sha256Hash?: unknown } } | undefined)?.persistedQuery?.sha256Hash
  if (typeof hash !== 'string') return undefined
  const text = operations.text(hash)
  if (text !== undefined) return text
  throw new OpenLedgerError('graphql.unknown_operation', 'No operation with this hash is known.', {
    nextStep: 'Send the query itself, or one of the hashes of /operations.json.',
  })
}

/** The same check, once a text. */
export function rememberPassed(check: (text: string) => unknown): (text: string) => void {
  const passed = new Set<string>()
  return (text) => {
    const key = createHash('sha256').update(text).digest('base64')
    if (passed.has(key)) return
    check(text)
    passed.add(key)
    if (passed.size > MAX_PASSED) passed.delete(passed.keys().next().value!)
  }
}
