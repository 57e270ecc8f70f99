import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sourceText } from '../checks/solc.ts'

/** A function's text, without regard to how its lines are broken. */
function functionOf(source: string, name: string): string | undefined {
  const found = new RegExp(`function ${name}\\b[\\s\\S]*?\\n    }\\n`).exec(source)?.[0]
  return found?.replace(/\s+/g, ' ')
}

test('the waterfall that is proven is the escrow’s, word for word', () => {
  const proven = functionOf(sourceText('contracts/formal/WaterfallModel.sol'), '_divide')
  expect(proven).toBeDefined()
  expect(proven).toBe(functionOf(sourceText('contracts/payments/InferenceEscrow.sol'), '_divide'))
})

test('README.md names every assertion of the models; else run `npm run prove:contracts -- --write`', () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')
  const models = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.sol'))
  const claims = models.flatMap((file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8')
    return [...text.matchAll(/\/\/ (?:Not proven|Proven): (.*)/g)].map((match) => match[1]!)
  })
  expect(claims.length).toBeGreaterThan(0)
  expect(claims.filter((claim) => !readme.includes(claim))).toEqual([])
})
