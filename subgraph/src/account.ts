import { Address, BigInt } from '@graphprotocol/graph-ts'
import { Account } from '../generated/schema'

export function createOrLoadAccount(address: Address): Account {
  let account = Account.load(address)
  if (account === null) {
    account = new Account(address)
    account.balanceWei = BigInt.zero()
    account.receivedWei = BigInt.zero()
    account.sentWei = BigInt.zero()
    account.contributionCount = 0
    account.recordCount = BigInt.zero()
    account.earnedAsNodeWei = BigInt.zero()
    account.earnedAsOwnerWei = BigInt.zero()
    account.withdrawnEarningsWei = BigInt.zero()
    account.claimedWei = BigInt.zero()
    account.earnedAsOperatorWei = BigInt.zero()
    account.withdrawnCommissionWei = BigInt.zero()
    account.isAttester = false
    account.isProposer = false
  }
  return account
}

/** Makes sure that the account exists, for entities that refer to it. */
export function touchAccount(address: Address): void {
  if (Account.load(address) === null) createOrLoadAccount(address).save()
}
