import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Express, Response } from 'express'

/** Types of what a build holds; anything else in it is not served. */
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
}

/**
 * The built dashboard: its files, and its index for every address that a browser opens, because the page itself knows which
 * pages there are. What is named by its hash is kept for ever by who fetched it.
 * @param folder of the build; without one, `/` says how to make it
 */
export async function serveDashboard(app: Express, folder: string): Promise<void> {
  const files = await filesOf(folder)
  const send = (response: Response, file: string, accepts: string) => {
    const isPacked = accepts.includes('gzip') && files.has(`${file}.gz`)
    response.type(TYPES[file.slice(file.lastIndexOf('.') + 1)]!)
    response.setHeader('Vary', 'Accept-Encoding')
    response.setHeader('Cache-Control', file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    if (isPacked) response.setHeader('Content-Encoding', 'gzip')
    response.sendFile(isPacked ? `${file}.gz` : file, { root: folder, cacheControl: false })
  }
  app.use((request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next()
    const accepts = String(request.headers['accept-encoding'] ?? '')
    const file = request.path.slice(1)
    if (files.has(file) && file !== 'index.html' && TYPES[file.slice(file.lastIndexOf('.') + 1)] !== undefined) {
      return send(response, file, accepts)
    }
    // A browser that opens an address says that it wants a page; programs that ask for a path get the error that it deserves.
    if (!isPage(request.path, request.headers.accept)) return next()
    if (files.has('index.html')) return send(response, 'index.html', accepts)
    response.status(503).type('text/plain').send(`${NOT_BUILT}\n`)
  })
}

const NOT_BUILT = 'The dashboard is not built. Run: npm run build -w @openledger/dashboard'

/** An address without an ending, outside of what the api itself serves. */
function isPage(path: string, accept: string | undefined): boolean {
  if (path === '/') return true
  return String(accept).includes('text/html') && /^(\/[\w:-]{1,100}){1,6}\/?$/.test(path)
}

/** Paths as URLs spell them; empty when nothing was built. */
async function filesOf(folder: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')),
  )
}
