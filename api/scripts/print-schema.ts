/**
 * Writes api/schema.graphql from the sources: `npm run schema -w @openledger/api`. A change that breaks clients is refused
 * unless `--allow-breaking` says that it is meant.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSchema, findBreakingChanges, printSchema } from 'graphql'
import { createSchema } from '../src/graphql/schema.ts'

const file = join(import.meta.dirname, '..', 'schema.graphql')
const schema = createSchema()
if (existsSync(file) && !process.argv.includes('--allow-breaking')) {
  const breaking = findBreakingChanges(buildSchema(readFileSync(file, 'utf8')), schema)
  for (const { description } of breaking) console.error(description)
  if (breaking.length > 0) {
    console.error('\nThis breaks clients. Deprecate instead, or say --allow-breaking and name it in the changelog.')
    process.exit(1)
  }
}
writeFileSync(file, `${printSchema(schema)}\n`)
