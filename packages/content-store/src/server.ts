import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OpenLedgerError } from '@openledger/protocol'
import type { RunningService } from '@openledger/protocol/service'
import { type ContentStore, DEFAULT_MAX_BYTES, tooLarge } from './content-store.ts'
import { DiskContentStore } from './disk-content-store.ts'

/**
 * Serves a content store over HTTP: as an IPFS gateway to people and to our services, and as the part of the IPFS RPC
 * that graph-node and IPFS clients use.
 *
 *   GET, HEAD, PUT /ipfs/<cid>       the content; PUT is refused unless the body hashes to the CID
 *   POST /api/v0/version             graph-node asks for it before it starts
 *   POST /api/v0/cat?arg=<cid>       what graph-node reads file data sources with
 *   POST /api/v0/add                 multipart upload, answered as Kubo answers `cid-version=1&raw-leaves=true`
 *   GET  /healthz                    200 while it serves
 */
export async function startContentServer(
  store: ContentStore,
  options: startContentServer.Options,
): Promise<RunningService> {
  const server = createServer(
    { requestTimeout: 0, headersTimeout: 20_000, keepAliveTimeout: 5_000 },
    (request, response) => {
      answer(store, options.maxBytes ?? DEFAULT_MAX_BYTES, request, response).catch((error) => explain(response, error))
    },
  )
  server.maxConnections = 256
  await listen(server, options.host ?? '127.0.0.1', options.port)
  const { address, port } = server.address() as AddressInfo
  return {
    url: `http://${address}:${port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

export declare namespace startContentServer {
  type Options = {
    /** 0 takes any free port. */
    port: number
    /** Loopback unless told otherwise. */
    host?: string
    /** Larger bodies are refused before they are read to the end. */
    maxBytes?: number
  }
}

async function answer(
  store: ContentStore,
  maxBytes: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://content-store')
  const route = `${request.method} ${url.pathname}`
  // Web pages may read what is public, but a page that somebody happens to open must not fill this disk.
  if (request.headers.origin !== undefined && request.method !== 'GET' && request.method !== 'HEAD') {
    throw refused(403, 'content.cross_origin', 'Web pages may not write here.', 'Upload through the API instead.')
  }
  if (route === 'GET /healthz') return json(response, 200, { status: 'ok' })
  if (route === 'POST /api/v0/version')
    return json(response, 200, { Version: '0.0.0-openledger', System: 'openledger' })
  if (route === 'POST /api/v0/cat') return cat(store, url, response)
  if (route === 'POST /api/v0/add') return add(store, await readBody(request, maxBytes), request, response)
  const cid = /^\/ipfs\/([^/]+)$/.exec(url.pathname)?.[1]
  if (cid !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
    return gateway(store, cid, request.method === 'HEAD', response)
  }
  if (cid !== undefined && request.method === 'PUT') {
    if (store instanceof DiskContentStore) await store.putStream(limited(request, maxBytes), cid)
    else await store.put(await readBody(request, maxBytes), cid)
    return json(response, 201, { cid })
  }
  throw refused(404, 'content.no_such_route', 'There is nothing here.', 'See GET /ipfs/<cid> and POST /api/v0/cat.')
}

async function gateway(store: ContentStore, cid: string, headOnly: boolean, response: ServerResponse): Promise<void> {
  const headers = {
    'content-type': 'application/octet-stream',
    // Uploaded pages must not run with this origin's rights, whatever a browser makes of their bytes.
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'cache-control': 'public, max-age=31536000, immutable',
    'access-control-allow-origin': '*',
    etag: `"${cid}"`,
  }
  if (headOnly) {
    response.writeHead((await store.has(cid)) ? 200 : 404, headers).end()
    return
  }
  const bytes = await store.get(cid)
  response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes)
}

/** The whole content, or the range that Kubo's `offset` and `length` name. */
async function cat(store: ContentStore, url: URL, response: ServerResponse): Promise<void> {
  const bytes = await store.get((url.searchParams.get('arg') ?? '').replace(/^\/ipfs\//, ''))
  const offset = Number(url.searchParams.get('offset') ?? 0)
  const length = Number(url.searchParams.get('length') ?? bytes.length)
  const part = bytes.subarray(offset, offset + length)
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': part.length }).end(part)
}

async function add(
  store: ContentStore,
  body: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' }
  const form = await new Response(body as Uint8Array<ArrayBuffer>, { headers }).formData().catch(() => undefined)
  const file = [...(form?.values() ?? [])].find((value) => typeof value !== 'string')
  if (file === undefined) {
    throw refused(400, 'content.no_file', 'The upload holds no file.', 'Send multipart/form-data with one file part.')
  }
  const bytes = new Uint8Array(await file.arrayBuffer())
  json(response, 200, { Name: file.name, Hash: await store.put(bytes), Size: String(bytes.length) })
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of limited(request, maxBytes)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A body up to a length. The connection is left open where it ends early, for the answer. */
async function* limited(request: IncomingMessage, maxBytes: number): AsyncGenerator<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Uint8Array).length
    if (length > maxBytes) throw tooLarge(maxBytes)
    yield chunk as Uint8Array
  }
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'cid.malformed': 400,
  'content.missing': 404,
  'content.too_large': 413,
  'content.hash_mismatch': 422,
  'content.no_space': 507,
}

function explain(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const known = error instanceof OpenLedgerError ? error : undefined
  const status = known === undefined ? 500 : (known.facts.status ?? STATUS_OF_CODE[known.code] ?? 500)
  const report = known?.toJSON() ?? { code: 'content.fault', message: 'Unexpected fault.', nextStep: 'Read the log.' }
  // A body that was not read to its end makes the connection useless for another request.
  response.setHeader('connection', 'close')
  // `Message` and `Type` are how Kubo's RPC words an error.
  json(response, Number(status), { ...report, Message: report.message, Code: 0, Type: 'error' })
}

function refused(status: number, code: string, message: string, nextStep: string): OpenLedgerError {
  return new OpenLedgerError(code, message, { facts: { status }, nextStep })
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new OpenLedgerError('content.cannot_listen', 'The content store cannot listen on this port.', {
          facts: { host, port, reason: cause.code ?? cause.message },
          nextStep: 'Stop what uses the port, or set another one with OPENLEDGER_PORT.',
          cause,
        }),
      )
    })
    server.listen(port, host, resolve)
  })
}
