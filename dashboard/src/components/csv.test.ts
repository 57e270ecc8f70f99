import { expect, test } from 'vitest'
import { toCsv } from './csv.ts'

test('what would break a row is quoted', () => {
  expect(toCsv(['a', 'b'], [['x,y', 'say "hi"']])).toBe('a,b\r\n"x,y","say ""hi"""\r\n')
})

test.each(['=HYPERLINK("x")', '+1+1', '@SUM(A1)', '-cmd'])('%s, contributed by somebody, stays a text', (text) => {
  expect(toCsv(['a'], [[text]])).toContain("'")
})

test('numbers stay numbers, negative ones too, and nothing is empty', () => {
  expect(toCsv(['a', 'b', 'c'], [[-1.5, 10n ** 20n, null]])).toBe('a,b,c\r\n-1.5,100000000000000000000,\r\n')
})
