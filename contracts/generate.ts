/** Writes the committed files that follow from the contracts: `npm run generate`, after any change of a source. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { committedFile, generatedFiles } from './generated-files.ts'

for (const [path, content] of await generatedFiles()) {
  const target = resolve(import.meta.dirname, '..', path)
  if ((await committedFile(path)) === content) continue
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, content)
  process.stderr.write(`wrote ${path}\n`)
}
