import { noun } from '../noun.ts'
import { cardCommand } from './card.ts'
import { exportCommand } from './export.ts'
import { listCommand } from './list.ts'
import { showCommand } from './show.ts'

export function modelCommand() {
  return noun('model', 'base models and adapters', [listCommand(), showCommand(), exportCommand(), cardCommand()])
}
