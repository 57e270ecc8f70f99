import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiUnderTest, startApiUnderTest } from '../testing/index.ts'

let api: ApiUnderTest

beforeAll(async () => {
  api = await startApiUnderTest()
})

afterAll(() => api.close())

const open = (path: string, headers: Record<string, string> = { accept: 'text/html' }) =>
  fetch(`${api.url}${path}`, { headers })

describe('the dashboard', () => {
  test.each(['/', '/playground', '/datanets/0xab', '/models/base:adapter'])(
    '%s is the page, whichever of its own pages it will show',
    async (path) => {
      const response = await open(path)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain('text/html')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(await response.text()).toContain('<title>page</title>')
    },
  )

  test('what is named by its hash is kept for ever, and packed for who can unpack it', async () => {
    const packed = await open('/assets/index-1.js', { 'accept-encoding': 'gzip' })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.headers.get('cache-control')).toContain('immutable')
    expect(packed.headers.get('content-type')).toContain('text/javascript')
    expect(await packed.text()).toBe('document.title = "runs"')
    const plain = await open('/assets/index-1.js', { 'accept-encoding': 'identity' })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(await plain.text()).toBe('document.title = "runs"')
  })

  test.each(['/secret.txt', '/operations/overview.graphql', '/index.html', '/assets/../secret.txt', '/no/such.js'])(
    '%s is not served',
    async (path) => expect((await open(path)).status).toBe(404),
  )

  test('a program that asks for a path that is not there is told so', async () => {
    const response = await open('/playground', { accept: 'application/json' })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { code: 'http.no_such_path' } })
  })

  test('its policy allows no script, style or request but its own', async () => {
    const policy = (await open('/')).headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
  })

  test('without a build it says how to make one', async () => {
    const bare = await startApiUnderTest({}, { dashboardDirectory: '/nowhere' })
    try {
      const response = await fetch(`${bare.url}/`)
      expect(response.status).toBe(503)
      expect(await response.text()).toContain('npm run build -w @openledger/dashboard')
    } finally {
      await bare.close()
    }
  })
})
