import { type Digest, OpenLedgerError } from '@openledger/protocol'
import { type Contract, type TransactionReceipt, type Wallet, ZeroHash } from 'ethers'
import { sendTransaction } from '../chain/send-transaction.ts'

/**
 * Commits to an adapter's features on chain, once and for all: from then on nobody can choose features to suit an answer.
 * Doing it again changes nothing.
 * @param registry LineageRegistry
 * @param signer an account that governance made an attester
 * @returns null when the same features are published already
 * @throws features.published_differently; chain.refused for an unknown model or another account; and what else
 *   `sendTransaction` throws
 */
export async function publishFeatures(
  registry: Contract,
  signer: Wallet,
  modelId: `0x${string}`,
  featuresDigest: Digest,
): Promise<TransactionReceipt | null> {
  const published: string = await registry.featuresOf!(modelId)
  if (published === featuresDigest) return null
  if (published !== ZeroHash) {
    throw new OpenLedgerError('features.published_differently', 'The chain has other features for this model.', {
      facts: { modelId, published, computed: featuresDigest },
      nextStep: 'Use the published ones. If this machine should give the same, check base, checkpoints and settings.',
    })
  }
  return sendTransaction(signer, await registry.publishFeatures!.populateTransaction(modelId, featuresDigest))
}
