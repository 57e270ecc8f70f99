import { BigInt, Bytes } from '@graphprotocol/graph-ts'
import { Protocol } from '../generated/schema'

const SCHEMA_VERSION = '1'

export function createOrLoadProtocol(): Protocol {
  const id = Bytes.fromI32(1)
  let protocol = Protocol.load(id)
  if (protocol === null) {
    protocol = new Protocol(id)
    protocol.schemaVersion = SCHEMA_VERSION
    protocol.datanetCount = 0
    protocol.contributionCount = 0
    protocol.recordCount = BigInt.zero()
    protocol.modelCount = 0
    protocol.settlementCount = 0
    protocol.receiptCount = BigInt.zero()
    protocol.depositedWei = BigInt.zero()
    protocol.settledWei = BigInt.zero()
    protocol.protocolWei = BigInt.zero()
    protocol.nodeWei = BigInt.zero()
    protocol.baseOwnerWei = BigInt.zero()
    protocol.adapterOwnerWei = BigInt.zero()
    protocol.stakersWei = BigInt.zero()
    protocol.contributorsWei = BigInt.zero()
    protocol.sweptWei = BigInt.zero()
    protocol.fundedWei = BigInt.zero()
    protocol.claimedWei = BigInt.zero()
    protocol.emittedWei = BigInt.zero()
    protocol.dripFundedWei = BigInt.zero()
    protocol.drippedWei = BigInt.zero()
    protocol.waitingWei = BigInt.zero()
  }
  return protocol
}
