// Generated from src/operations/models.graphql by scripts/generate-operations.ts.
import type { Operation } from '../api/operation.ts'

export type ModelsVariables = {
  first: number
}

export type ModelsData = {
  _meta: {
    block: number
    lagBlocks: number | null
  }
  models: {
    nodes: Array<{
      id: `0x${string}`
      kind: 'Base' | 'Adapter' | 'Head'
      name: string
      owner: `0x${string}`
      licence: string
      royaltyPpm: number
      isDisputed: boolean
      settledWei: string
      contributorsWei: string
      stakersWei: string
      timestamp: string
      featuresCid: string | null
      base: {
        id: `0x${string}`
        name: string
      }
      datanets: Array<{
        datanet: {
          id: `0x${string}`
          name: string
        }
      }>
    }>
  }
}

export const models: Operation<ModelsVariables, ModelsData> = {
  name: 'models',
  hash: '8619e277fad032942db6fcee0196efcead53b964939badf8b71daf254df1dcdc',
}
