import { ContributionManifest, digestOfCid, MerkleTree, parseManifest, rootFromProof } from '@openledger/protocol'
import { contractOf } from '@openledger/sdk'
import { readChecked } from '../api/content.ts'
import { readingSdk } from './openledger.ts'

/**
 * Whether a record is under the root that its contribution's transaction put on chain. The manifest is checked against its CID,
 * the root is read from the transaction's own event, and the path is computed here.
 */
export async function isRecordIncluded({
  digest,
  index,
  manifestCid,
  transactionHash,
}: {
  digest: string
  index: number
  manifestCid: string
  transactionHash: string
}): Promise<boolean> {
  const { network, provider } = await readingSdk()
  const { records } = parseManifest(ContributionManifest, await readChecked(manifestCid), 'contribution manifest')
  const leaves = records.map(({ cid }) => digestOfCid(cid))
  const leaf = leaves[index]
  if (leaf !== digest) return false
  const root = rootFromProof(leaf, index, new MerkleTree(leaves).proof(index))
  const registry = contractOf(network, 'LineageRegistry', provider)
  const receipt = await provider.getTransactionReceipt(transactionHash)
  const address = network.contracts.LineageRegistry.address.toLowerCase()
  return (receipt?.logs ?? []).some((log) => {
    if (log.address.toLowerCase() !== address) return false
    const event = registry.interface.parseLog(log)
    return event?.args.recordRoot === root || event?.args.batch?.recordRoot === root
  })
}
