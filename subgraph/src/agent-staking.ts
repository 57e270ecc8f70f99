import { Address, BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts'
import {
  BountySet,
  CommissionSet,
  CommissionWithdrawn,
  Locked,
  RewardDiverted,
  Rewarded,
  SlashCapsSet,
  Slashed,
  SlasherSet,
  Staked,
  StakeWithdrawn,
  ThawStarted,
  ThawTimeSet,
  Unlocked,
} from '../generated/AgentStaking/AgentStaking'
import {
  CommissionChange,
  CommissionWithdrawal,
  PoolReward,
  PoolSlash,
  Stake,
  StakeDeposit,
  StakeLock,
  StakePoint,
  StakeThaw,
  StakeWithdrawal,
} from '../generated/schema'
import { createOrLoadAccount, touchAccount } from './account'
import { idOf } from './event-id'
import { savePermission } from './permission'
import { saveSetting } from './setting'
import { createOrLoadPool } from './stake-pool'

export function handleStaked(event: Staked): void {
  const pool = createOrLoadPool(event.params.poolId)
  pool.activeWei = pool.activeWei.plus(event.params.amountWei)
  pool.activeShares = pool.activeShares.plus(event.params.shares)
  pool.stakedWei = pool.stakedWei.plus(event.params.amountWei)
  pool.save()
  const stake = createOrLoadStake(event.params.poolId, event.params.staker)
  stake.shares = stake.shares.plus(event.params.shares)
  stake.stakedWei = stake.stakedWei.plus(event.params.amountWei)
  stake.save()
  const deposit = new StakeDeposit(idOf(event))
  deposit.stake = stake.id
  deposit.from = event.params.from
  deposit.amountWei = event.params.amountWei
  deposit.shares = event.params.shares
  deposit.blockNumber = event.block.number
  deposit.timestamp = event.block.timestamp
  deposit.transactionHash = event.transaction.hash
  deposit.save()
  savePoint(event, event.params.poolId, event.params.amountWei, BigInt.zero())
}

export function handleThawStarted(event: ThawStarted): void {
  const pool = createOrLoadPool(event.params.poolId)
  pool.activeWei = pool.activeWei.minus(event.params.amountWei)
  pool.activeShares = pool.activeShares.minus(event.params.shares)
  pool.thawingWei = pool.thawingWei.plus(event.params.amountWei)
  pool.save()
  const stake = createOrLoadStake(event.params.poolId, event.params.staker)
  stake.shares = stake.shares.minus(event.params.shares)
  stake.thawedWei = stake.thawedWei.plus(event.params.amountWei)
  stake.save()
  const thaw = new StakeThaw(idOf(event))
  thaw.stake = stake.id
  thaw.shares = event.params.shares
  thaw.thawingShares = event.params.thawingShares
  thaw.amountWei = event.params.amountWei
  thaw.until = event.params.until
  thaw.blockNumber = event.block.number
  thaw.timestamp = event.block.timestamp
  thaw.transactionHash = event.transaction.hash
  thaw.save()
  savePoint(event, event.params.poolId, BigInt.zero(), event.params.amountWei)
}

export function handleStakeWithdrawn(event: StakeWithdrawn): void {
  const pool = createOrLoadPool(event.params.poolId)
  pool.thawingWei = pool.thawingWei.minus(event.params.amountWei)
  pool.withdrawnWei = pool.withdrawnWei.plus(event.params.amountWei)
  pool.save()
  const stake = createOrLoadStake(event.params.poolId, event.params.staker)
  stake.withdrawnWei = stake.withdrawnWei.plus(event.params.amountWei)
  stake.save()
  const withdrawal = new StakeWithdrawal(idOf(event))
  withdrawal.stake = stake.id
  withdrawal.to = event.params.to
  withdrawal.amountWei = event.params.amountWei
  withdrawal.blockNumber = event.block.number
  withdrawal.timestamp = event.block.timestamp
  withdrawal.transactionHash = event.transaction.hash
  withdrawal.save()
}

export function handleRewarded(event: Rewarded): void {
  const pool = createOrLoadPool(event.params.poolId)
  const sharedWei = event.params.amountWei.minus(event.params.commissionWei)
  pool.activeWei = pool.activeWei.plus(sharedWei)
  pool.rewardedWei = pool.rewardedWei.plus(sharedWei)
  pool.commissionWei = pool.commissionWei.plus(event.params.commissionWei)
  pool.save()
  const reward = saveReward(event, event.params.poolId, event.params.from, event.params.amountWei)
  reward.commissionWei = event.params.commissionWei
  savePoint(event, event.params.poolId, sharedWei, BigInt.zero())
  // A model's pool has no operator.
  if (event.params.operator != Address.zero()) {
    reward.operator = event.params.operator
    const operator = createOrLoadAccount(event.params.operator)
    operator.earnedAsOperatorWei = operator.earnedAsOperatorWei.plus(event.params.commissionWei)
    operator.save()
  }
  reward.save()
}

export function handleRewardDiverted(event: RewardDiverted): void {
  createOrLoadPool(event.params.poolId).save()
  const reward = saveReward(event, event.params.poolId, event.params.from, event.params.amountWei)
  reward.isDiverted = true
  reward.save()
}

export function handleSlashed(event: Slashed): void {
  const pool = createOrLoadPool(event.params.poolId)
  pool.activeWei = pool.activeWei.minus(event.params.activeWei)
  pool.thawingWei = pool.thawingWei.minus(event.params.slashedWei.minus(event.params.activeWei))
  pool.slashedWei = pool.slashedWei.plus(event.params.slashedWei)
  pool.save()
  const slash = new PoolSlash(idOf(event))
  slash.pool = event.params.poolId
  slash.slasher = event.params.slasher
  slash.bountyTo = event.params.bountyTo
  slash.slashedWei = event.params.slashedWei
  slash.activeWei = event.params.activeWei
  slash.bountyWei = event.params.bountyWei
  slash.blockNumber = event.block.number
  slash.timestamp = event.block.timestamp
  slash.transactionHash = event.transaction.hash
  slash.save()
  savePoint(event, event.params.poolId, BigInt.zero(), event.params.activeWei)
}

export function handleCommissionSet(event: CommissionSet): void {
  const pool = createOrLoadPool(event.params.poolId)
  pool.commissionPpm = event.params.ppm.toI32()
  pool.commissionFrom = event.params.from
  pool.save()
  const change = new CommissionChange(idOf(event))
  change.pool = event.params.poolId
  change.commissionPpm = event.params.ppm.toI32()
  change.from = event.params.from
  change.blockNumber = event.block.number
  change.timestamp = event.block.timestamp
  change.transactionHash = event.transaction.hash
  change.save()
}

export function handleCommissionWithdrawn(event: CommissionWithdrawn): void {
  const operator = createOrLoadAccount(event.params.operator)
  operator.withdrawnCommissionWei = operator.withdrawnCommissionWei.plus(event.params.amountWei)
  operator.save()
  const withdrawal = new CommissionWithdrawal(idOf(event))
  withdrawal.operator = event.params.operator
  withdrawal.to = event.params.to
  withdrawal.amountWei = event.params.amountWei
  withdrawal.blockNumber = event.block.number
  withdrawal.timestamp = event.block.timestamp
  withdrawal.transactionHash = event.transaction.hash
  withdrawal.save()
}

export function handleLocked(event: Locked): void {
  createOrLoadPool(event.params.poolId).save()
  const lock = new StakeLock(lockId(event.params.poolId, event.params.lockId))
  lock.pool = event.params.poolId
  lock.number = event.params.lockId
  lock.slasher = event.params.slasher
  lock.amountWei = event.params.amountWei
  lock.until = event.params.until
  lock.isUnlocked = false
  lock.blockNumber = event.block.number
  lock.timestamp = event.block.timestamp
  lock.transactionHash = event.transaction.hash
  lock.save()
}

function lockId(poolId: Bytes, number: BigInt): Bytes {
  return poolId.concatI32(number.toI32())
}

export function handleUnlocked(event: Unlocked): void {
  const lock = StakeLock.load(lockId(event.params.poolId, event.params.lockId))
  if (lock === null) return // staking ends no lock that it did not announce
  lock.isUnlocked = true
  lock.unlockedAt = event.block.timestamp
  lock.save()
}

export function handleStakeSlasherSet(event: SlasherSet): void {
  savePermission(event, 'slasher', event.params.slasher, event.params.allowed)
}

export function handleSlashCapsSet(event: SlashCapsSet): void {
  saveSetting(event, 'slashPpm', event.params.slashPpm)
  saveSetting(event, 'windowPpm', event.params.windowPpm)
}

export function handleBountySet(event: BountySet): void {
  saveSetting(event, 'bountyPpm', event.params.ppm)
}

export function handleThawTimeSet(event: ThawTimeSet): void {
  saveSetting(event, 'thawTime', event.params.thawTime)
}

function createOrLoadStake(poolId: Bytes, staker: Address): Stake {
  const id = poolId.concat(staker)
  let stake = Stake.load(id)
  if (stake === null) {
    touchAccount(staker)
    stake = new Stake(id)
    stake.pool = poolId
    stake.staker = staker
    stake.shares = BigInt.zero()
    stake.stakedWei = BigInt.zero()
    stake.thawedWei = BigInt.zero()
    stake.withdrawnWei = BigInt.zero()
  }
  return stake
}

function savePoint(event: ethereum.Event, poolId: Bytes, addedWei: BigInt, removedWei: BigInt): void {
  const point = new StakePoint(0) // graph-node gives points their numbers
  point.contract = event.address
  point.pool = poolId
  point.addedWei = addedWei
  point.removedWei = removedWei
  point.save()
}

function saveReward(event: ethereum.Event, poolId: Bytes, from: Address, amountWei: BigInt): PoolReward {
  const reward = new PoolReward(idOf(event))
  reward.pool = poolId
  reward.from = from
  reward.amountWei = amountWei
  reward.commissionWei = BigInt.zero()
  reward.isDiverted = false
  reward.blockNumber = event.block.number
  reward.timestamp = event.block.timestamp
  reward.transactionHash = event.transaction.hash
  return reward
}
