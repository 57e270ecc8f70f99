import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeSetting, PORT_NAMES, readSettings, SETTING_NAMES } from './settings.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'settings-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const configure = (text: string) => writeFileSync(join(directory, 'openledger.config.ts'), text)

test('without anything said the defaults hold, the state below the directory', async () => {
  const settings = await readSettings({}, {}, directory)
  expect(settings).toMatchObject({
    state: join(directory, '.openledger'),
    chainPort: 8545,
    apiPort: 4000,
    portOffset: 0,
  })
})

test('a flag wins over the environment, that over the file, that over the default', async () => {
  configure('export default { apiPort: 1, chainPort: 1, contentPort: 1 }')
  const environment = { OPENLEDGER_API_PORT: '2', OPENLEDGER_CHAIN_PORT: '2' }
  const settings = await readSettings({ apiPort: '3' }, environment, directory)
  expect(settings).toMatchObject({ apiPort: 3, chainPort: 2, contentPort: 1, enginePort: 4200 })
})

test('an empty variable says nothing', async () => {
  expect((await readSettings({}, { OPENLEDGER_API_PORT: '' }, directory)).apiPort).toBe(4000)
})

test('the offset moves every port', async () => {
  const settings = await readSettings({ portOffset: '100' }, {}, directory)
  const standard = await readSettings({}, {}, directory)
  for (const name of PORT_NAMES) expect(settings[name]).toBe(standard[name] + 100)
})

test.each([
  [{ apiPort: 'http' }, '--api-port'],
  [{ apiPort: '65536' }, '--api-port'],
  [{ apiPort: '-1' }, '--api-port'],
  [{ portOffset: '60000' }, '--chain-port and --port-offset'],
  [{ bondOpen: '1e3' }, '--bond-open'],
])('the value %j is refused, naming where it came from', async (flags, from) => {
  const facts = expect.objectContaining({ from })
  await expect(readSettings(flags, {}, directory)).rejects.toMatchObject({ code: 'settings.invalid', facts })
})

test.each(['export default { chainport: 1 }', 'export default 7', 'export const chainPort = 1'])(
  'a file that does not hold settings is refused: %s',
  async (text) => {
    configure(text)
    await expect(readSettings({}, {}, directory)).rejects.toMatchObject({ code: 'settings.invalid' })
  },
)

test('every setting says what it is in a sentence, and no two share a variable', () => {
  const described = SETTING_NAMES.map(describeSetting)
  for (const { sentence } of described) expect(sentence).toMatch(/^[A-Z].*\.$/)
  expect(new Set(described.map(({ variable }) => variable)).size).toBe(described.length)
})
