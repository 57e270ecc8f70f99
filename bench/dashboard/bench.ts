/**
 * How fast the dashboard is in Chromium, on a stack that runs: OPENLEDGER_API_URL, http://127.0.0.1:4000 unless given.
 *
 * - overview-interactive: from the request to the first paint with the newest totals, shell uncached
 * - word-to-evidence: from pressing on a word to the paint of the marked records, on an answer of 1,000 words and 5 records
 */
import { chromium, type Page } from 'playwright-core'
import type { Figure } from '../figure.ts'

const api = process.env.OPENLEDGER_API_URL ?? 'http://127.0.0.1:4000'
const executablePath = process.env.OPENLEDGER_CHROMIUM ?? '/usr/bin/chromium'
const RUNS = 7
const WORDS = 1_000

export async function* measure(): AsyncGenerator<Figure> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const loads: number[] = []
    for (let run = 0; run < RUNS; run++) {
      const context = await browser.newContext()
      loads.push(await loadOverview(await context.newPage()))
      await context.close()
    }
    yield figure('overview-interactive', median(loads), RUNS)
    const page = await browser.newPage()
    const clicks = await clickWords(page)
    yield figure('word-to-evidence', median(clicks), clicks.length)
    yield figure('word-to-evidence-worst', Math.max(...clicks), clicks.length)
  } finally {
    await browser.close()
  }
}

async function loadOverview(page: Page): Promise<number> {
  await page.goto(api)
  await page.getByText('Paid for answers').waitFor()
  return page.evaluate(
    () =>
      new Promise<number>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))),
  )
}

async function clickWords(page: Page): Promise<number[]> {
  const receipt = `0x${'ab'.repeat(32)}`
  await page.route('**/graphql', async (route) => {
    const asked = route.request().postDataJSON() as { variables?: { receiptHash?: string } }
    if (asked.variables?.receiptHash === undefined) return route.continue()
    await route.fulfill({ json: { data: longAnswer(receipt) } })
  })
  await page.goto(`${api}/playground?receipt=${receipt}`)
  await page
    .locator('[data-start]')
    .nth(WORDS - 1)
    .waitFor()
  return page.evaluate(async () => {
    const words = [...document.querySelectorAll<HTMLElement>('[data-start]')]
    const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
    const times: number[] = []
    for (let at = 10; at < 400; at += 20) {
      const before = performance.now()
      words[at]!.click()
      // Evidence has followed when the panel names the word and its records are marked anew.
      while (document.querySelector('#evidence-panel q')?.textContent !== words[at]!.textContent) await painted()
      await painted()
      times.push(performance.now() - before)
    }
    return times
  })
}

function longAnswer(receiptHash: string) {
  const words = Array.from({ length: WORDS }, (_, i) => `word${i}`)
  const contributor = { account: `0x${'1'.repeat(40)}`, name: 'somebody' }
  const influence = Array.from({ length: 5 }, (_, i) => {
    const digest = `0x${String(i).padStart(64, '0')}`
    return {
      canonical: digest,
      sharePpm: 200_000,
      mean: '1000',
      standardError: '10',
      scores: ['1000'],
      record: {
        ...{
          digest,
          cid: `b${i}`,
          title: `record ${i}`,
          text: words.join(' '),
          mediaType: 'text/plain',
          licence: 'MIT',
        },
        datanet: { id: digest, name: 'net' },
        contribution: { id: '1', recordRoot: digest, transactionHash: digest },
      },
      contributor,
    }
  })
  return {
    _meta: { block: 1, lagBlocks: 0 },
    answer: {
      ...{
        receiptHash,
        model: null,
        node: contributor.account,
        payer: null,
        promptTokens: '3',
        completionTokens: '1000',
      },
      ...{ priceWei: '1', poolWei: null, timestampMs: '0', prompt: 'a prompt', text: words.join(' '), epoch: null },
      ...{ settlementTransaction: receiptHash, blockNumber: '1', shares: [] },
      evidence: { cid: 'b', influenceCount: 5, influence, verbatim: [], retrieval: [] },
    },
  }
}

function figure(name: string, ms: number, n: number): Figure {
  return { bench: 'dashboard', name, ours: Math.round(ms * 10) / 10, peer: null, ratio: null, unit: 'ms', n }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
