import { noun } from '../noun.ts'
import { cardCommand } from './card.ts'
import { exportCommand } from './export.ts'
import { listCommand } from './list.ts'
import { reproduceCommand } from './reproduce.ts'
import { showCommand } from './show.ts'

export function modelCommand() {
  return noun('model', 'base models, adapters and heads', [
    listCommand(),
    showCommand(),
    exportCommand(),
    cardCommand(),
    reproduceCommand(),
  ])
}
