import { OpenLedgerError } from '@openledger/protocol'
import { fetchJson } from './fetch-json.ts'
import type { Network } from './network.ts'

/** A GraphQL document with the types of what it takes and gives; tests/sdk-queries.test.ts holds it to the schema. */
export type Query<Variables, Data> = { text: string; readonly types?: (variables: Variables) => Data }

/**
 * Asks the api.
 * @throws the api's own error by its code; network.unreachable
 */
export async function ask<Variables extends object, Data>(
  { urls }: Network,
  query: Query<Variables, Data>,
  variables: Variables,
): Promise<Data> {
  const url = `${urls.api}/graphql`
  const { data, errors } = await fetchJson<Reply<Data>>(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: query.text, variables }),
  })
  const [error] = errors ?? []
  if (error === undefined && data != null) return data
  const { code, nextStep, hint } = error?.extensions ?? {}
  throw new OpenLedgerError(code ?? 'api.refused', error?.message ?? 'The api sent no data.', {
    facts: { url },
    nextStep: nextStep ?? hint ?? 'Ask again in a moment.',
    retryable: error?.extensions?.retryable ?? false,
  })
}

type Reply<Data> = {
  data?: Data | null
  errors?: {
    message: string
    extensions?: { code?: string; nextStep?: string; hint?: string; retryable?: boolean }
  }[]
}
