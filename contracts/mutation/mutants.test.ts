import { expect, test } from 'vitest'
import { compile, refusals } from '../checks/solc.ts'
import { mutantsOf, mutated } from './mutants.ts'

function all(body: string): { changes: string[]; compiled: number; texts: string[]; looping: string[] } {
  const text = `pragma solidity ^0.8.0; contract C { uint256 public n; error No(uint256 a, uint256 b); // a ‖ b < c\n ${body} }`
  const settings = { outputSelection: { '*': { '': ['ast'] } } }
  const output = compile(new Map([['c.sol', text]]), settings)
  expect(refusals(output)).toEqual([])
  const mutants = mutantsOf('c.sol', text, output.sources['c.sol']!.ast)
  const texts = mutants.map((mutant) => mutated(text, mutant))
  const looping = mutants.filter((mutant) => mutant.looping).map(({ before, after }) => `${before} → ${after}`)
  const compiled = texts.filter(
    (changed) => refusals(compile(new Map([['c.sol', changed]]), settings)).length === 0,
  ).length
  return {
    changes: mutants.map(({ operator, before, after }) => `${operator}: ${before} → ${after}`),
    compiled,
    texts,
    looping,
  }
}

test('a requirement loses its boundary, its direction and itself', () => {
  const { changes, compiled } = all('function f(uint256 a) external { require(a <= n, No(a, n)); }')
  expect(changes).toEqual([
    'deleted require: require(a <= n, No(a, n)); → {}',
    'boundary: <= → <',
    'boundary: <= → >',
    'swapped arguments: a, n → n, a',
  ])
  expect(compiled).toBe(4)
})

test('numbers, sums and branches change; nothing below zero', () => {
  const { changes } = all('function f(uint256 a) external { if (a + 2 > 0) n += a; }')
  expect(changes).toEqual([
    'condition: a + 2 > 0 → false',
    'condition: a + 2 > 0 → true',
    'arithmetic: + → -',
    'constant: 2 → (2 + 1)',
    'constant: 2 → (2 - 1)',
    'boundary: > → <=',
    'boundary: > → >=',
    'constant: 0 → (0 + 1)',
    'deleted statement: n += a; → {}',
    'arithmetic: += → -=',
  ])
})

test('a modifier is lost, a loop never made endless', () => {
  const body = 'modifier m() { require(n == 0); _; } function f() external m { for (uint256 i; i < 3; ++i) n = i; }'
  const { changes, compiled } = all(body)
  expect(changes).toContain('deleted modifier: m → ')
  expect(changes.filter((change) => change.includes('++'))).toEqual([])
  expect(compiled).toBe(changes.length)
})

test('only what lies in a loop may never end', () => {
  const { looping } = all('function f() external { n = 1; for (uint256 i; i < 3; ++i) n = i; n = 2; }')
  expect(looping).toEqual(['< → <=', '< → >=', '3 → (3 + 1)', '3 → (3 - 1)', 'n = i; → {}'])
})

test('bytes, not characters, are counted, and alike mutants are told apart', () => {
  const { texts } = all('function f() external { n = 1; /* ‖ */ n = 1; }')
  expect(new Set(texts).size).toBe(texts.length)
  for (const text of texts) expect(text).toContain('a ‖ b < c')
})
