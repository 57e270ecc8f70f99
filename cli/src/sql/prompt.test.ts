import { PassThrough } from 'node:stream'
import { OpenLedgerError } from '@openledger/protocol'
import { expect, test } from 'vitest'
import { formatRows } from './format-rows.ts'
import { runPrompt } from './prompt.ts'

/** What the prompt writes for these lines of input, and what it asked. */
async function converse(text: string): Promise<{ asked: string[]; output: string }> {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const asked: string[] = []
  input.end(text)
  let written = ''
  output.on('data', (chunk) => (written += chunk))
  await runPrompt({
    input,
    output,
    isTerminal: false,
    ask: async (sql) => {
      asked.push(sql)
      if (sql.includes('fail')) throw new OpenLedgerError('sql.failed', 'No.', { nextStep: 'Mend it.' })
      return `<${sql}>\n`
    },
  })
  return { asked, output: written }
}

test('a statement ends with a semicolon at the end of a line, or with the input', async () => {
  expect((await converse('SELECT 1;\nSELECT\n  2\n;\nSELECT 3')).asked).toEqual([
    'SELECT 1',
    'SELECT\n  2\n',
    'SELECT 3',
  ])
})

test('an error is shown and the prompt goes on', async () => {
  const { output } = await converse('fail;\n.nothing\nSELECT 1;\n')
  expect(output).toMatch(/No\..*Mend it\..*no such command.*<SELECT 1>/s)
})

test('dot commands list what there is', async () => {
  const { output, asked } = await converse('.help\n.views\n.view concentration\n.tables\n.exit\nSELECT 1;\n')
  expect(output).toMatch(/\.tables.*epoch_reconciliation.*gini_ppm \(ppm\)/s)
  expect(asked).toHaveLength(1) // the tables; what follows .exit is not read
})

const RESULT = {
  columns: [
    { name: 'who', type: 'VARCHAR' },
    { name: 'wei', type: 'HUGEINT' },
  ],
  rows: [
    ['ada, "a"', '1000'],
    [null, '7'],
  ],
  isCut: false,
}

test('rows are a table, CSV or JSON', () => {
  expect(formatRows(RESULT, 'table')).toBe('who        wei\n────────  ────\nada, "a"  1000\n             7\n')
  expect(formatRows(RESULT, 'csv')).toBe('who,wei\r\n"ada, ""a""",1000\r\n,7\r\n')
  expect(JSON.parse(formatRows(RESULT, 'json'))).toEqual([
    { who: 'ada, "a"', wei: '1000' },
    { who: null, wei: '7' },
  ])
})

test('text from the chain cannot rule the terminal', () => {
  const rows = [['a\u001b[2Jb\nc\u202e', '1']]
  expect(formatRows({ ...RESULT, rows }, 'table')).toContain('a�[2Jb↵c�')
})
