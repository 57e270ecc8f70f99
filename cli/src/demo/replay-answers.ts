import { Auditor, ModelDirectory } from '@openledger/inference-node'
import { inferenceDomain } from '@openledger/protocol'
import type { AskedAnswer } from './ask-questions.ts'
import type { SeedPlace } from './seed-chain.ts'

/** Computes every answer again from chain and content store. @returns how many came out token for token the same */
export async function replayAnswers(
  { deployment, provider, contentStore }: SeedPlace,
  answers: readonly AskedAnswer[],
): Promise<number> {
  const { LineageRegistry, InferenceEscrow } = deployment.contracts
  const auditor = new Auditor({
    directory: new ModelDirectory({ address: LineageRegistry.address, provider, startBlock: LineageRegistry.block }),
    content: contentStore,
    domain: inferenceDomain(deployment.chainId, InferenceEscrow.address),
  })
  let matching = 0
  try {
    for (const { signed } of answers) if ((await auditor.audit(signed)).matches) matching++
  } finally {
    await auditor.close()
  }
  return matching
}
