import { noun } from '../noun.ts'
import { exportCommand } from './export.ts'
import { showCommand } from './show.ts'
import { verifyCommand } from './verify.ts'

export function answerCommand() {
  return noun('answer', 'answers that were given and settled', [showCommand(), verifyCommand(), exportCommand()])
}
