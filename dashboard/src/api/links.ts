import { useQuery } from '@tanstack/react-query'
import { fetchJson } from './ask.ts'

/** Where the deployment is: chain, contracts by name, and the services by the addresses that programs use. */
export type Links = {
  chainId: number
  rpc: string
  subgraph: string
  inference: string
  engine: string
  contracts: Record<string, `0x${string}`>
}

export const readLinks = () => fetchJson<Links>('/links.json')

export function useLinks() {
  return useQuery({ queryKey: ['links'], queryFn: readLinks, staleTime: Number.POSITIVE_INFINITY })
}
