/**
 * `npm run layouts`: writes the storage layout of every upgradeable contract, where it may follow the one that is committed: what
 * a proxy stores must stay where it is. With --check it writes nothing, and fails if a layout is stale or unsafe.
 *
 *   --check   fail where a committed layout is not that of the source
 *   --anew    write even what may not follow: only for contracts that no chain has
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { committedLayout, incompatibility, layoutFile, rendered, upgradeables } from './storage-layouts.ts'

const [check, anew] = [process.argv.includes('--check'), process.argv.includes('--anew')]
const list = upgradeables()
let failed = 0
for (const { name, layout, unsafe } of list) {
  const before = committedLayout(name)
  const broken = before === undefined || anew ? undefined : incompatibility(before, layout)
  const stale = before === undefined || rendered(before) !== rendered(layout)
  const fault =
    unsafe ?? broken ?? (check && stale ? 'The committed layout is not this one. Run: npm run layouts' : undefined)
  if (fault !== undefined) failed++
  else if (stale) {
    mkdirSync(dirname(layoutFile(name)), { recursive: true })
    writeFileSync(layoutFile(name), rendered(layout))
  }
  console.log(`${fault === undefined ? '✓' : '✗'} ${name}${fault === undefined ? '' : `\n${fault}`}`)
}
const files = readdirSync(dirname(layoutFile('any')))
for (const lost of files.filter((file) => !list.some(({ name }) => `${name}.json` === file))) {
  if (check || !anew) {
    failed++
    console.log(`✗ ${lost} is of no upgradeable contract. If no chain has it: npm run layouts -- --anew`)
  } else rmSync(layoutFile(lost.replace(/\.json$/, '')))
}
console.log(`${list.length - Math.min(failed, list.length)} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
