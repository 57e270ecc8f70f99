import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Kept, keptTrials, type MutantKey, reportOf } from './trials.ts'

const keyAt = (nth: number, file = 'contracts/token/A.sol'): MutantKey => {
  return { file, within: 'f', operator: 'boundary', before: '<', after: '<=', nth }
}
const trial = (nth: number, outcome: Kept['outcome'], file?: string): Kept => {
  return { ...keyAt(nth, file), outcome, seconds: 2, date: '2026-01-01' }
}

test('of several trials of a mutant the last counts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-trials-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'trials.jsonl')
  const lines = [trial(1, 'survived'), trial(0, 'killed'), trial(1, 'killed')]
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  expect(keptTrials(path)).toEqual([trial(0, 'killed'), trial(1, 'killed')])
  expect(keptTrials(join(folder, 'none'))).toEqual([])
})

test('what compiles to the same code or not at all leaves the score alone', () => {
  const kept = [
    ...[0, 1, 2].map((nth) => trial(nth, 'killed')),
    trial(3, 'survived'),
    trial(4, 'equivalent'),
    trial(5, 'stillborn'),
    trial(0, 'survived', 'contracts/token/B.sol'),
  ]
  const mutants = [...Array.from({ length: 9 }, (_, nth) => keyAt(nth)), keyAt(0, 'contracts/token/B.sol')]
  const { total, contracts } = reportOf(mutants, kept, ({ nth }) => nth === 3)
  expect(contracts.A).toEqual({
    ...{ mutants: 9, tried: 6, killed: 3, survived: 1, explained: 1, equivalent: 1, stillborn: 1 },
    ...{ score: 0.75, secondsPerMutant: 2 },
  })
  expect(contracts.B).toMatchObject({ mutants: 1, tried: 1, survived: 1, explained: 0, score: 0 })
  expect(total).toMatchObject({ mutants: 10, tried: 7, killed: 3, survived: 2, score: 0.6 })
})
