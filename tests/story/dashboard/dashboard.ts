/** The dashboard in a real Chromium on a stack that the demo was told on: what people see, and what they can do. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cidOf, digestOf } from '@openledger/protocol'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { axeViolations, openChromium, openPage } from './chromium.ts'
import { HOSTILE_FILES, HOSTILE_TEXTS } from './hostile.ts'
import { pagesOf } from './pages.ts'

/** Where pictures of every page are left, for CI and README. */
const pictures = resolve(
  process.env.OPENLEDGER_SCREENSHOTS ?? join(import.meta.dirname, '../../../dashboard/screenshots'),
)
const VIEWS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1440, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1440, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const
/** Told to the chain, the index and the engine: a browser waits for them as people do. */
const PATIENCE_MS = 90_000

export type DashboardStage = { urls: { api: string; inference: string; engine: string } }

export function describeDashboard(stage: () => DashboardStage): void {
  describe('the dashboard', () => {
    let browser: Browser
    let api: string
    let pages: Record<string, string>

    beforeAll(async () => {
      mkdirSync(pictures, { recursive: true })
      api = stage().urls.api
      browser = await openChromium()
      pages = await pagesOf(api)
    })
    afterAll(() => browser?.close())

    describe.each(VIEWS)('$name', ({ name, ...view }) => {
      test('every page is drawn without a fault, and axe finds nothing against any', async () => {
        const context = await browser.newContext({ ...view, reducedMotion: 'reduce' })
        const { page, faults } = await openPage(context)
        const found: Record<string, string[]> = {}
        for (const [title, path] of Object.entries(pages)) {
          await page.goto(api + path)
          await settled(page)
          found[title] = await axeViolations(page)
          await page.screenshot({ path: join(pictures, `${title}-${name}.png`) })
        }
        await context.close()
        expect(found).toEqual(Object.fromEntries(Object.keys(pages).map((title) => [title, []])))
        expect(faults).toEqual([])
      })
    })

    test('the keyboard goes to a word, takes it, and takes a span with Shift', async () => {
      const { page, close } = await opened(pages.playground!)
      const words = page.locator('[data-start]')
      await words.first().focus()
      await page.keyboard.press('Enter')
      expect(await words.first().getAttribute('aria-pressed')).toBe('true')
      await page.keyboard.press('Shift+ArrowRight')
      expect(await page.locator('[data-start][aria-pressed=true]').count()).toBe(2)
      await page.keyboard.press('Escape')
      expect(await page.locator('[data-start][aria-pressed=true]').count()).toBe(0)
      await close()
    })

    test('the proof of a paid answer is computed here and every step holds', async () => {
      const { page, close } = await opened(pages.playground!)
      await page.getByText(/\d+ steps hold, computed in this browser/).waitFor({ timeout: PATIENCE_MS })
      await close()
    })

    test('a root is built again in this browser from the manifest that it names', async () => {
      const { page, close } = await opened('/rewards')
      await page.getByRole('button', { name: /^Verify root of epoch/ }).click()
      await page.getByText('all 6 checks hold, computed in this browser').waitFor({ timeout: PATIENCE_MS })
      await close()
    })

    test('a manifest that is not what its CID names is refused before anything of it is believed', async () => {
      const { page, close } = await opened('/rewards', async (fresh) => {
        await fresh.route('**/ipfs/*', (route) => route.fulfill({ body: '{"kind":"openledger/epoch@1"}' }))
      })
      await page.getByRole('button', { name: /^Verify root of epoch/ }).click()
      await page.getByText('The content is not what its CID names, and is not shown.').first().waitFor()
      await close()
    })

    test('who stakes by the page has stake, and sees it', async () => {
      const { page, faults, close } = await opened('/staking')
      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      await page.getByRole('button', { name: /^Bob/ }).click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      await page.getByLabel('Amount to stake').fill('not a number')
      await page.getByText('Write a positive number such as 12.5').waitFor()
      await page.getByLabel('Amount to stake').fill('2.5')
      await page.getByRole('button', { name: 'Stake', exact: true }).click()
      await page.getByText('Staked', { exact: true }).waitFor({ timeout: PATIENCE_MS })
      await page.getByRole('heading', { name: 'Your stakes' }).waitFor()
      await page
        .getByText(/OPEN active/)
        .first()
        .waitFor({ timeout: PATIENCE_MS })
      expect(faults).toEqual([])
      await close()
    })

    test('a record’s bytes are checked against its CID and its place under the root on chain', async () => {
      const { page, close } = await opened(pages.record!)
      await page.getByText('bytes match the CID, computed in this browser').waitFor()
      await page.getByText('proof leads to the root on chain').waitFor({ timeout: PATIENCE_MS })
      await close()
    })

    test('bytes that are not what the CID names are not shown', async () => {
      const { page, close } = await opened(pages.record!, async (fresh) => {
        await fresh.route('**/ipfs/*', (route) => route.fulfill({ body: 'something else' }))
      })
      await page.getByText('The content is not what its CID names, and is not shown.').first().waitFor()
      expect(await page.getByText('something else').count()).toBe(0)
      await close()
    })

    test('who asks gets an answer, its evidence, its proof, and pays its contributors', async () => {
      const { page, faults, close } = await opened('/playground')
      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      await page.getByRole('button', { name: /^Alice/ }).click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      await page
        .getByText(/Deposit/)
        .first()
        .waitFor()
      await page.getByLabel('Continue a text').check()
      await page.getByLabel('A text to continue').fill('export function read')
      await page.getByLabel('Most tokens').fill('24')
      await page.getByRole('button', { name: 'Ask', exact: true }).click()
      await page.getByText('receipt signed and checked').waitFor({ timeout: PATIENCE_MS })
      await fetch(`${stage().urls.inference}/admin/settle`, { method: 'POST' })
      const evidence = page.getByRole('region', { name: 'Evidence' })
      await evidence.getByRole('tab', { name: 'Influence' }).waitFor({ timeout: PATIENCE_MS })
      await page.locator('[data-start]').first().click()
      await evidence.getByText('Selected:').waitFor()
      await evidence.getByRole('tab', { name: 'Verbatim' }).click()
      await evidence.getByRole('tab', { name: 'Influence' }).click()

      await until(async () => {
        await fetch(`${stage().urls.engine}/epochs`, { method: 'POST' })
        return (await page.getByText(/paid out in epoch/).count()) > 0
      })
      await page.getByText(/\d+ steps hold, computed in this browser/).waitFor({ timeout: PATIENCE_MS })
      const records = evidence.locator('[data-evidence=influence] > li')
      if ((await records.count()) > 0) {
        await records.first().locator('summary').click()
        const claim = records.first().getByRole('button', { name: /^Claim/ })
        await claim.click({ timeout: PATIENCE_MS })
        await records.first().getByText('Claimed', { exact: true }).waitFor({ timeout: PATIENCE_MS })
      }
      // A node says by 402 what the voucher must promise; browsers note that as a fault of loading.
      expect(faults.filter((fault) => !fault.includes('402 (Payment Required)'))).toEqual([])
      await close()
    })

    test('who has files makes a Datanet and contributes; what is there already is left out', async () => {
      const { page, faults, close } = await opened('/datanets/create')
      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      await page.getByRole('button', { name: /^Bob/ }).click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      const name = `Tides ${Date.now()}`
      await page.getByLabel('Name', { exact: true }).fill(name)
      await page.getByLabel('What it is for').fill('What the sea does, hour by hour.')
      await page.getByRole('button', { name: 'Create', exact: true }).click()
      await page.getByRole('heading', { name, level: 1 }).waitFor({ timeout: PATIENCE_MS })

      const contribute = async (texts: Record<string, string>) => {
        await page.getByRole('link', { name: 'Contribute', exact: true }).click()
        const files = Object.entries(texts).map(([file, text]) => ({
          name: file,
          mimeType: '',
          buffer: Buffer.from(text),
        }))
        await page.getByLabel('Choose files').setInputFiles(files)
        await page.getByLabel('Credit goes to').fill('Bob')
        await page.getByLabel(/^I may contribute/).check()
      }
      await contribute({ 'high.txt': `High water at ${name}`, 'low.txt': `Low water at ${name}` })
      await page.getByRole('button', { name: 'Contribute 2 new records' }).click()
      await page.getByText(/Indexed at block/).waitFor({ timeout: PATIENCE_MS })
      await page.getByRole('link', { name }).first().click()
      await page.getByText('high.txt').first().waitFor({ timeout: PATIENCE_MS })

      await contribute({ 'again.txt': `High water at ${name}`, 'slack.txt': `Slack water at ${name}` })
      await page.getByText(`already in ${name}; left out`).waitFor()
      await page.getByRole('button', { name: 'Contribute 1 new records' }).waitFor()
      expect(faults).toEqual([])
      await close()
    })

    test.each(HOSTILE_FILES)('a record that claims to be $mediaType runs nothing', async ({ mediaType, bytes }) => {
      const { page, close } = await opened(pages.record!, async (fresh) => {
        await fresh.route('**/ipfs/*', (route) => route.fulfill({ body: bytes }))
        await fresh.route('**/graphql', async (route) => {
          const response = await route.fetch()
          const body = await response.json()
          if (body.data?.record) {
            Object.assign(body.data.record, {
              cid: cidOf(bytes),
              digest: digestOf(bytes),
              mediaType,
              title: HOSTILE_TEXTS.join(' '),
              text: HOSTILE_TEXTS.join('\n'),
            })
          }
          await route.fulfill({ response, json: body })
        })
      })
      await page.getByText('bytes match the CID').waitFor()
      await page.waitForTimeout(100)
      expect(await page.evaluate(() => (window as { harmed?: unknown }).harmed)).toBeUndefined()
      expect(
        await page.locator('main script, main iframe, main object, main embed, main [onerror], main [onload]').count(),
      ).toBe(0)
      await close()
    })

    test('evidence and answers that look like markup stay texts', async () => {
      const { page, close } = await opened(pages.playground!, async (fresh) => {
        await fresh.route('**/graphql', async (route) => {
          const response = await route.fetch()
          const body = await response.json()
          await route.fulfill({ response, json: hostileAnswer(body) })
        })
      })
      await page.locator('[data-start]').first().click()
      expect(await page.evaluate(() => (window as { harmed?: unknown }).harmed)).toBeUndefined()
      expect(
        await page.locator('main script, main iframe, main img[src=x], main [onerror], main [onload]').count(),
      ).toBe(0)
      expect(await page.locator('a[href^="javascript:"]').count()).toBe(0)
      await page.getByText('<script>').first().waitFor()
      await close()
    })

    test('a list of 100,000 rows scrolls, and draws only those that are seen', async () => {
      const { page, close } = await opened(pages.datanet!, async (fresh) => {
        await fresh.route('**/graphql', async (route) => {
          const response = await route.fetch()
          const body = await response.json()
          if (body.data?.datanet?.records) body.data.datanet.records = manyRecords(100_000)
          await route.fulfill({ response, json: body })
        })
      })
      const region = page.getByRole('region', { name: 'Records, table' })
      await region.getByText('record 0', { exact: true }).waitFor()
      await region.evaluate((element) => element.scrollTo(0, element.scrollHeight))
      await region.getByText('record 99999', { exact: true }).waitFor()
      expect(await region.locator('tbody tr').count()).toBeLessThan(100)
      await close()
    })

    test('the theme is chosen, kept, and there before the page is', async () => {
      const { page, close } = await opened('/')
      await page.getByRole('button', { name: /^Theme: system/ }).click()
      await page.getByRole('button', { name: /^Theme: light/ }).click()
      await page.reload()
      expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
      await close()
    })

    test('an api that does not answer is said, and the page goes on when it does', async () => {
      const { page, close } = await opened('/datanets', async (fresh) => {
        await fresh.route('**/graphql', (route) => route.abort())
      })
      await page.getByRole('alert').getByText('The api does not answer.').waitFor({ timeout: 30_000 })
      await page.unroute('**/graphql')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('table', { name: 'Datanets' }).waitFor()
      await close()
    })

    async function opened(path: string, before: (page: Page) => Promise<void> = async () => {}) {
      const context = await browser.newContext({ viewport: VIEWS[0].viewport, reducedMotion: 'reduce' })
      const { page, faults } = await openPage(context)
      await before(page)
      await page.goto(api + path)
      await settled(page)
      return { page, faults, close: () => context.close() }
    }
  })
}

/** Until nothing that loads is left, and what the page draws late is drawn. */
async function settled(page: Page): Promise<void> {
  await page
    .locator('h1')
    .first()
    .waitFor({ timeout: 30_000 })
    .catch(() => undefined)
  await page
    .waitForFunction(() => document.querySelector('main .animate-pulse') === null, undefined, { timeout: 30_000 })
    .catch(() => undefined)
  await page.evaluate(() => document.fonts.ready)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('waited in vain')
    await new Promise((done) => setTimeout(done, 2_000))
  }
}

type Body = {
  data?: { answer?: { text: string; prompt: string; evidence: { influence: { record: object | null }[] } | null } }
}

function hostileAnswer(body: Body): Body {
  const answer = body.data?.answer
  if (answer == null) return body
  answer.text = HOSTILE_TEXTS.join(' ')
  answer.prompt = HOSTILE_TEXTS[0]!
  for (const { record } of answer.evidence?.influence ?? []) {
    if (record !== null) Object.assign(record, { title: HOSTILE_TEXTS[1], text: HOSTILE_TEXTS.join('\n') })
  }
  return body
}

function manyRecords(count: number) {
  const nodes = Array.from({ length: count }, (_, i) => ({
    digest: `0x${i.toString(16).padStart(64, '0')}`,
    cid: `b${i}`,
    title: `record ${i}`,
    mediaType: 'text/plain',
    sizeBytes: String(i),
    licence: 'MIT',
    contributor: { account: `0x${'1'.repeat(40)}`, name: 'somebody' },
  }))
  return { nodes, pageInfo: { hasNextPage: false, endCursor: null } }
}
