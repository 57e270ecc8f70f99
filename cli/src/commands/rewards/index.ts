import { noun } from '../noun.ts'
import { claimCommand } from './claim.ts'
import { showCommand } from './show.ts'

export function rewardsCommand() {
  return noun('rewards', 'what records earned', [showCommand(), claimCommand()])
}
