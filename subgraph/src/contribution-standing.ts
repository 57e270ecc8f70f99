import { BigInt, Bytes, crypto } from '@graphprotocol/graph-ts'
import { ContributionStanding } from '../generated/schema'

/** How the contracts name a contribution: keccak-256 of its four parts, each padded to 32 bytes. */
export function standingIdOf(datanetId: Bytes, contributor: Bytes, manifestDigest: Bytes, recordRoot: Bytes): Bytes {
  const parts = datanetId.concat(new Bytes(12)).concat(contributor).concat(manifestDigest).concat(recordRoot)
  return Bytes.fromByteArray(crypto.keccak256(parts))
}

export function createOrLoadStanding(id: Bytes): ContributionStanding {
  let standing = ContributionStanding.load(id)
  if (standing === null) {
    standing = new ContributionStanding(id)
    standing.contributionCount = 0
    standing.isDisputed = false
    standing.withdrawnRecordCount = 0
    standing.status = 'None'
    standing.accepts = 0
    standing.rejects = 0
    standing.heldWei = BigInt.zero()
    standing.returnedWei = BigInt.zero()
    standing.slashedWei = BigInt.zero()
  }
  return standing
}
