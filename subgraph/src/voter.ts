import { Address, BigInt } from '@graphprotocol/graph-ts'
import { Voter } from '../generated/schema'
import { touchAccount } from './account'

export function createOrLoadVoter(address: Address): Voter {
  let voter = Voter.load(address)
  if (voter === null) {
    touchAccount(address)
    voter = new Voter(address)
    voter.account = address
    voter.balanceWei = BigInt.zero()
    voter.votesWei = BigInt.zero()
    voter.voteCount = 0
  }
  return voter
}
