import {
  type DisputeEpoch,
  disputeEpoch,
  OpenBases,
  type VerifyEpoch,
  verifyEpoch,
} from '@openledger/attribution-engine'
import type { ContentStore } from '@openledger/content-store'
import { Auditor, ModelDirectory } from '@openledger/inference-node'
import { type Deployment, inferenceDomain } from '@openledger/protocol'
import { JsonRpcProvider } from 'ethers'

/**
 * Recomputes an epoch from the chain and the content store alone, and asks the model again for a sample of its answers
 * and their gradients. Index, engine and node are not asked.
 */
export async function verifyAgainstChain(options: {
  rpcUrl: string
  deployment: Deployment
  contentStore: ContentStore
  epoch: number | 'latest'
  /** Answers that are computed again; 3 unless told. */
  sample?: number
}): Promise<VerifyEpoch.Report> {
  const { rpcUrl, deployment, contentStore } = options
  const { LineageRegistry, InferenceEscrow } = deployment.contracts
  const provider = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true })
  const directory = new ModelDirectory({
    address: LineageRegistry.address,
    provider,
    startBlock: LineageRegistry.block,
  })
  const domain = inferenceDomain(deployment.chainId, InferenceEscrow.address)
  const auditor = new Auditor({ directory, content: contentStore, domain })
  const bases = new OpenBases(contentStore, async (modelId) => {
    await directory.refresh()
    return directory.find(modelId, modelId)?.artefactDigest ?? null
  })
  try {
    return await verifyEpoch({
      ...options,
      replay: async (request, response, receipt) => (await auditor.judge(receipt, request, response)).matches,
      gradients: async ({ receipt, request, response }, { cid }) => {
        const maker = await bases.makerOf(receipt.baseModelId)
        return maker.recomputeAnswerFeatures({ request, response }, cid)
      },
    })
  } finally {
    await Promise.all([auditor.close(), bases.close()])
    provider.destroy()
  }
}

/** Takes a root that does not follow to court. */
export async function disputeWrongEpoch(
  options: Omit<DisputeEpoch.Options, 'provider'> & { rpcUrl: string },
): Promise<DisputeEpoch.Outcome> {
  const provider = new JsonRpcProvider(options.rpcUrl, options.deployment.chainId, {
    ...{ staticNetwork: true, cacheTimeout: -1, pollingInterval: 250 },
  })
  try {
    return await disputeEpoch({ ...options, provider })
  } finally {
    provider.destroy()
  }
}
