import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Bytes that a first visit may fetch, packed: scripts and styles of the shell. */
const MOST_SHELL_BYTES = 180_000

let folder: string
let html: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'openledger-dashboard-'))
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'build.ts'), folder], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  html = readFileSync(join(folder, 'index.html'), 'utf8')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the page loads before any of its own pages: named in the html, and what those modules import at once. */
function shellFiles(): string[] {
  const files = new Set([...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((match) => match[1]!))
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [, imported] of text.matchAll(/(?:^|[;}])import(?:[^"'()]*?from)?["']\.\/([^"']+\.js)["']/g)) {
      files.add(`assets/${imported}`)
    }
  }
  return [...files]
}

describe('the build', () => {
  test('first load: the shell is at most 180 kB, packed', () => {
    const bytes = shellFiles().reduce((sum, file) => sum + statSync(join(folder, `${file}.gz`)).size, 0)
    expect(bytes).toBeLessThanOrEqual(MOST_SHELL_BYTES)
    expect(bytes).toBeGreaterThan(20_000)
  })

  test('charts, the SDK and the chain library are apart from it', () => {
    const has = (files: readonly string[], sign: string) =>
      files.some((file) => readFileSync(join(folder, file), 'utf8').includes(sign))
    const all = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'))
    const rest = all.map((name) => `assets/${name}`)
    const signs = ['InferenceEscrow', 'Stainless', 'visualMap']
    expect(signs.filter((sign) => has(shellFiles(), sign))).toEqual([])
    expect(signs.filter((sign) => has(rest, sign))).toEqual(signs)
  })

  test('the page holds no script or style of its own: its policy would not run them', () => {
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|javascript:|style=/)
    expect(html).toMatch(/<script type="module"[^>]*src="\/assets\//)
  })

  test('nothing is fetched from elsewhere', () => {
    const css = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.css'))
    for (const name of css)
      expect(readFileSync(join(folder, 'assets', name), 'utf8')).not.toMatch(/url\(["']?(https?:|\/\/)/)
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//)
  })

  test('the api finds each operation by its text beside it', () => {
    expect(readdirSync(join(folder, 'operations'))).toContain('overview.graphql')
  })
})
