import { noun } from '../noun.ts'
import { listCommand } from './list.ts'
import { lockCommand } from './lock.ts'
import { proposeCommand } from './propose.ts'
import { showCommand } from './show.ts'
import { voteCommand } from './vote.ts'

export function govCommand() {
  const verbs = [listCommand(), showCommand(), proposeCommand(), voteCommand(), lockCommand()]
  return noun('gov', 'proposals and votes', verbs)
}
