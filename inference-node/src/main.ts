import { readDeployment, readSettings, runService } from '@openledger/protocol/service'
import { startInferenceNode } from './inference-node.ts'
import { NodeSettings } from './settings.ts'

await runService('inference-node', async (log) => {
  const settings = readSettings(NodeSettings)
  return startInferenceNode(settings, await readDeployment(settings.OPENLEDGER_DEPLOYMENT), log)
})
