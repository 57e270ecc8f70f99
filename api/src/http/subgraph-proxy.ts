import { OpenLedgerError } from '@openledger/protocol'
import type { RequestHandler } from 'express'
import { checkQuery, rememberPassed } from '../graphql/guard.ts'
import { PersistedOperations } from '../graphql/persisted-operations.ts'
import { checkStructure } from '../limits/structure.ts'
import { unavailable } from '../sources/subgraph.ts'
import { traceHeaders } from '../tracing.ts'

const TIMEOUT_MS = 15_000

/** The untouched subgraph, for those who want its own query language; only the form of a query is checked. */
export function proxySubgraph(url: string): RequestHandler {
  const checkText = rememberPassed((text) => checkStructure(text))
  const guard = { operations: new PersistedOperations(new Map()), safelistOnly: false }
  return async (request, response) => {
    const body: unknown = request.body
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new OpenLedgerError('graphql.json_only', 'The body is no JSON object.', {
        nextStep: 'Send {"query": …, "variables": …} with content-type application/json.',
      })
    }
    const query = checkQuery(body as Record<string, unknown>, guard, checkText)
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...traceHeaders() },
      body: JSON.stringify(query),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause) => {
      throw unavailable(cause)
    })
    response
      .status(answer.status)
      .type('application/json')
      .send(await answer.text())
  }
}
