import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { ask } from './ask.ts'
import type { Operation } from './operation.ts'

/**
 * What the api says to an operation, asked again every `everyMs` where that is given. While other variables are asked for,
 * the answer to those before stays.
 */
export function useOperation<Variables, Data>(
  operation: Operation<Variables, Data>,
  variables: Variables,
  { everyMs, enabled = true }: { everyMs?: number; enabled?: boolean } = {},
): UseQueryResult<Data> {
  return useQuery({
    queryKey: [operation.name, variables],
    queryFn: ({ signal }) => ask(operation, variables, signal),
    enabled,
    placeholderData: keepPreviousData as never,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  })
}
