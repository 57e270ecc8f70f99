import { readSettings } from '../settings.ts'
import { statePaths } from '../stack/state-directory.ts'

/** Where the local stack of the settings in force is found. */
export async function placesOf(): Promise<Places> {
  const settings = await readSettings()
  const local = (port: number) => `http://127.0.0.1:${port}`
  return {
    state: settings.state,
    rpcUrl: local(settings.chainPort),
    contentUrl: local(settings.contentPort),
    engineUrl: local(settings.enginePort),
    subgraphUrl: `${local(settings.subgraphPort)}/subgraphs/name/subgraph-0`,
    deploymentFile: statePaths(settings.state).deploymentFile,
  }
}

export type Places = {
  /** Directory of all state. */
  state: string
  rpcUrl: string
  contentUrl: string
  engineUrl: string
  subgraphUrl: string
  deploymentFile: string
}
