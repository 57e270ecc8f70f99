/**
 * Writes the types of every operation in src/operations to src/generated, one module each, so that a page loads only what it asks.
 * `npm run generate -w @openledger/dashboard`; a test holds the modules to their sources.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { typesOfOperation } from './operation-types.ts'

const home = resolve(import.meta.dirname, '..')
const sources = join(home, 'src', 'operations')
const target = join(home, 'src', 'generated')

/** File name → text of each module. @throws Error naming the file and what the schema says against it */
export function generateOperations(): Map<string, string> {
  const schema = buildSchema(readFileSync(resolve(home, '..', 'api', 'schema.graphql'), 'utf8'))
  const modules = new Map<string, string>()
  for (const file of readdirSync(sources)
    .filter((name) => name.endsWith('.graphql'))
    .sort()) {
    const text = readFileSync(join(sources, file), 'utf8')
    const document = parse(text)
    const faults = validate(schema, document)
    if (faults.length > 0) throw new Error(`${file}: ${faults.map(({ message }) => message).join('; ')}`)
    const { variables, data } = typesOfOperation(schema, document)
    const name = file.slice(0, -'.graphql'.length)
    const constant = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    const type = constant[0]!.toUpperCase() + constant.slice(1)
    const hash = createHash('sha256').update(text).digest('hex')
    modules.set(
      `${name}.ts`,
      [
        `// Generated from src/operations/${file} by scripts/generate-operations.ts.`,
        "import type { Operation } from '../api/operation.ts'",
        '',
        `export type ${type}Variables = ${variables}`,
        '',
        `export type ${type}Data = ${data}`,
        '',
        `export const ${constant}: Operation<${type}Variables, ${type}Data> = {`,
        `  name: '${name}',`,
        `  hash: '${hash}',`,
        '}',
        '',
      ].join('\n'),
    )
  }
  return modules
}

if (process.argv[1] === import.meta.filename) {
  const modules = generateOperations()
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const [file, text] of modules) writeFileSync(join(target, file), text)
  console.log(`${modules.size} operations`)
}
