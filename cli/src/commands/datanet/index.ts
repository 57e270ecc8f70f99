import { noun } from '../noun.ts'
import { createCommand } from './create.ts'
import { exportCommand } from './export.ts'
import { listCommand } from './list.ts'
import { pushCommand } from './push.ts'
import { showCommand } from './show.ts'
import { validateCommand } from './validate.ts'

export function datanetCommand() {
  const verbs = [createCommand(), pushCommand(), listCommand(), showCommand(), validateCommand(), exportCommand()]
  return noun('datanet', 'collections of records under a licence', verbs)
}
