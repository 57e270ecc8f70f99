/**
 * Builds the page: `node scripts/build.ts [folder]`, by default to dist. Beside it lie its operations, for the api to know, and
 * each text once more as .gz, so that no request pays for packing.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const home = resolve(import.meta.dirname, '..')
const target = resolve(process.argv[2] ?? join(home, 'dist'))

// Whoever starts this, tests too: React has another, larger form for development.
process.env.NODE_ENV = 'production'
await build({ root: home, logLevel: 'warn', build: { outDir: target, emptyOutDir: true } })
cpSync(join(home, 'src', 'operations'), join(target, 'operations'), { recursive: true })
for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue
  const file = join(entry.parentPath, entry.name)
  writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }))
}
