import type { Contract, ContractTransactionReceipt } from 'ethers'

const ZERO = `0x${'0'.repeat(64)}`
/** Derivatives and commerce allowed, nothing asked in return. */
const LICENCE_FLAGS = 3

/** Registers a base model (no `base`) or an adapter on it, and gives its id. */
export async function registerModel(
  registry: Contract,
  model: { name: string; artefactDigest: string; base?: string },
): Promise<`0x${string}`> {
  const sent = await registry.getFunction('registerModel').send({
    kind: model.base === undefined ? 1 : 2,
    name: model.name,
    licenceFlags: LICENCE_FLAGS,
    royaltyPpm: 0,
    licence: 'Apache-2.0',
    artefactDigest: model.artefactDigest,
    trainingRoot: ZERO,
    parents: model.base === undefined ? [] : [{ id: model.base, asOfBlock: 0 }],
  })
  const receipt = (await sent.wait()) as ContractTransactionReceipt
  return registry.interface.parseLog(receipt.logs[0]!)!.args.modelId
}
