import { isUtf8 } from 'node:buffer'
import type { Request, RequestHandler } from 'express'
import { RequestError } from '../error.ts'

/** Far above any prompt that fits into the context of a model served here. */
const MAX_BYTES = 256 * 1024

/**
 * Reads a JSON body into `request.body`. Unlike express's own parser it answers as soon as a body is too large, without
 * reading the rest, and refuses bytes that are no UTF-8, which that one turns into U+FFFD: the prompt would be another.
 */
export const jsonBody: RequestHandler = async (request, _response, next) => {
  request.body = parse(await read(request))
  next()
}

async function read(request: Request): Promise<Buffer> {
  if (!request.is('json')) throw malformed('Send JSON with the content type application/json.')
  if ((request.get('content-encoding') ?? 'identity') !== 'identity') {
    throw new RequestError('request.invalid', 'The body is compressed.', {
      status: 415,
      nextStep: 'Send the body as it is.',
    })
  }
  if (Number(request.get('content-length') ?? 0) > MAX_BYTES) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MAX_BYTES) chunks.push(chunk)
      else reject(tooLarge())
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    request.once('error', () => reject(malformed('Send the whole body.')))
  })
}

function parse(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw malformed('Send JSON in UTF-8.')
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw malformed('Send JSON.')
  }
}

function malformed(nextStep: string): RequestError {
  return new RequestError('request.invalid', 'The body is not JSON in UTF-8.', { status: 400, nextStep })
}

function tooLarge(): RequestError {
  return new RequestError('request.too_large', 'The body is larger than this node reads.', {
    status: 413,
    facts: { limitBytes: MAX_BYTES },
    nextStep: 'Send a shorter prompt.',
  })
}
