import { BigInt, Bytes } from '@graphprotocol/graph-ts'
import { StakePool } from '../generated/schema'
import { isAgentWord } from './word'

export function createOrLoadPool(id: Bytes): StakePool {
  let pool = StakePool.load(id)
  if (pool === null) {
    pool = new StakePool(id)
    if (isAgentWord(id)) pool.agent = id
    else pool.model = id
    pool.activeWei = BigInt.zero()
    pool.thawingWei = BigInt.zero()
    pool.activeShares = BigInt.zero()
    pool.stakedWei = BigInt.zero()
    pool.withdrawnWei = BigInt.zero()
    pool.rewardedWei = BigInt.zero()
    pool.commissionWei = BigInt.zero()
    pool.slashedWei = BigInt.zero()
    pool.commissionPpm = 0
    pool.commissionFrom = BigInt.zero()
  }
  return pool
}
