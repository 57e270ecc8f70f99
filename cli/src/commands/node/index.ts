import { noun } from '../noun.ts'
import { statusCommand } from './status.ts'

export function nodeCommand() {
  return noun('node', 'the inference node of the network', [statusCommand()])
}
