import { readSettings } from '../settings.ts'
import { statePaths } from '../stack/state-directory.ts'

/** Where the local stack of the settings in force is found. */
export async function placesOf(): Promise<{ rpcUrl: string; contentUrl: string; deploymentFile: string }> {
  const settings = await readSettings()
  const local = (port: number) => `http://127.0.0.1:${port}`
  return {
    rpcUrl: local(settings.chainPort),
    contentUrl: local(settings.contentPort),
    deploymentFile: statePaths(settings.state).deploymentFile,
  }
}
