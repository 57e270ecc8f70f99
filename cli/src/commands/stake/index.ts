import { noun } from '../noun.ts'
import { depositCommand } from './deposit.ts'
import { showCommand } from './show.ts'
import { thawCommand } from './thaw.ts'
import { withdrawCommand } from './withdraw.ts'

export function stakeCommand() {
  const verbs = [depositCommand(), thawCommand(), withdrawCommand(), showCommand()]
  return noun('stake', 'OPEN at stake on agents and models', verbs)
}
