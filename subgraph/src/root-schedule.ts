import { BigInt, Bytes } from '@graphprotocol/graph-ts'
import { RewardRoot, RootSchedule } from '../generated/schema'

export function createOrLoadSchedule(root: Bytes): RootSchedule {
  let schedule = RootSchedule.load(root)
  if (schedule === null) {
    schedule = new RootSchedule(root)
    schedule.opensAt = BigInt.zero()
    schedule.isFrozen = false
  }
  return schedule
}

/** Saves the schedule and shows it on the epoch, once that is known. */
export function saveSchedule(schedule: RootSchedule): void {
  schedule.save()
  const id = schedule.rewardRoot
  if (id === null) return
  const root = RewardRoot.load(id)
  if (root === null) return
  root.opensAt = schedule.opensAt
  root.isFrozen = schedule.isFrozen
  root.save()
}
