import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createProgram } from '../cli/src/program.ts'
import { renderCli } from '../scripts/cli-docs.ts'

type Command = ReturnType<typeof createProgram>

const file = join(resolve(import.meta.dirname, '..'), 'docs', 'cli.md')

test('docs/cli.md is the command line’s own help (else: npm run docs)', () => {
  expect(readFileSync(file, 'utf8')).toBe(renderCli())
})

test('every command and flag says what it is for', () => {
  const silent = verbsOf(createProgram()).flatMap((verb) => [
    ...(verb.description() === '' ? [verb.name()] : []),
    ...verb.options.filter(({ description, argChoices }) => !description && !argChoices).map(({ flags }) => flags),
  ])
  expect(silent).toEqual([])
})

test('what sends transactions can be tried without sending, and never has to ask', () => {
  const senders = verbsOf(createProgram()).filter((verb) => verb.options.some(({ long }) => long === '--dry-run'))
  expect(senders.length).toBeGreaterThanOrEqual(12)
  for (const verb of senders) {
    expect(verb.options.map(({ long }) => long)).toEqual(expect.arrayContaining(['--json', '--no-input', '--account']))
  }
})

function verbsOf(command: Command): Command[] {
  return [...command.commands, ...command.commands.flatMap(verbsOf)]
}
