/** Prints the named invariants of the Solidity tests, and fails if they are fewer than 15; the tests themselves hold them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const LEAST = 15
const folder = resolve(import.meta.dirname, '../test')
const names = new Set<string>()
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
  if (!file.endsWith('.t.sol')) continue
  for (const [, name] of readFileSync(join(folder, file), 'utf8').matchAll(/^\s*function invariant_(\w+)\(\)/gm)) {
    names.add(name!)
    console.log(`${name!.replace(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ')}  (${file})`)
  }
}
console.log(`${names.size} named invariants; at least ${LEAST}`)
process.exit(names.size >= LEAST ? 0 : 1)
