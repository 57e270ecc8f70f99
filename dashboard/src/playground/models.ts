import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '../api/ask.ts'

/** A model as the node serves it; prices in wei of OPEN for 1,000 tokens. */
export type ServedModel = {
  id: string
  parent: string | null
  max_model_len: number
  openledger: {
    modelId: `0x${string}`
    kind: 'base' | 'adapter'
    version: number
    loaded: boolean
    licence: string
    price: { promptWei: string; completionWei: string }
  }
}

export function useServedModels() {
  return useQuery({
    queryKey: ['served-models'],
    queryFn: () => fetchJson<{ data: ServedModel[] }>('/inference/v1/models').then(({ data }) => data),
    staleTime: 15_000,
  })
}

/** What tokens cost, in wei, rounded up as the node does. */
export function priceOf({ price }: ServedModel['openledger'], promptTokens: number, completionTokens: number): bigint {
  const wei = BigInt(promptTokens) * BigInt(price.promptWei) + BigInt(completionTokens) * BigInt(price.completionWei)
  return (wei + 999n) / 1000n
}
