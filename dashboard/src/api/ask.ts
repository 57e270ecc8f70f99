import { ApiError } from './api-error.ts'
import type { Operation } from './operation.ts'

const TIMEOUT_MS = 30_000

/** Texts of the operations: only a development server needs them, whose api may not know an operation that is new. */
const texts: Record<string, string> = import.meta.env.DEV
  ? import.meta.glob('../operations/*.graphql', { query: '?raw', import: 'default', eager: true })
  : {}

type Reply<Data> = {
  data?: Data | null
  errors?: {
    message: string
    extensions?: { code?: string; hint?: string; nextStep?: string; retryable?: boolean }
  }[]
}

/**
 * Asks the api one of the operations that it knows.
 * @throws ApiError with the api's own code; network.unreachable when nobody answers
 */
export async function ask<Variables, Data>(
  operation: Operation<Variables, Data>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const persisted = { extensions: { persistedQuery: { version: 1, sha256Hash: operation.hash } } }
  const query = import.meta.env.DEV ? { query: texts[`../operations/${operation.name}.graphql`] } : persisted
  const { data, errors } = await fetchJson<Reply<Data>>('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...query, variables }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (data != null) return data
  const { code, hint, nextStep, retryable } = errors?.[0]?.extensions ?? {}
  throw new ApiError(
    code ?? 'api.refused',
    errors?.[0]?.message ?? 'The api sent no data.',
    nextStep ?? hint ?? 'Ask again in a moment.',
    retryable ?? false,
  )
}

/** JSON of any service behind the api. @throws ApiError as `ask` */
export async function fetchJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ApiError('network.unreachable', 'The api does not answer.', 'Check that the stack runs.', true)
  }
  const body = (await response.json().catch(() => undefined)) as
    | (T & { error?: Partial<ApiError>; errors?: unknown })
    | undefined
  if (body !== undefined && (response.ok || body.errors !== undefined)) return body
  const { code, message, nextStep, retryable } = body?.error ?? {}
  throw new ApiError(
    code ?? 'network.refused',
    message ?? `${path} answered ${response.status}.`,
    nextStep ?? 'Try again in a moment.',
    retryable ?? response.status >= 500,
  )
}
