/** Writes testdata/exported anew: run it with node, then `make_reference.py exported`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXPORTED, exportAdapter } from '../exported-adapter.ts'
import { openReference } from '../reference.ts'

for (const name of Object.keys(EXPORTED)) {
  const folder = join(import.meta.dirname, 'testdata/exported', name)
  mkdirSync(folder, { recursive: true })
  const { config } = await openReference(name)
  for (const [file, bytes] of Object.entries(exportAdapter(name, config).files))
    writeFileSync(join(folder, file), bytes)
}
