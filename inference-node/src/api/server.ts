import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { RequestError } from '../error.ts'
import { errorReply } from './error-body.ts'

/** Far above a voucher, the longest header that is meant. */
const MAX_HEADER_BYTES = 16 * 1024
/** A client that takes no byte of a finished answer for so long is given up. */
const UNREAD_MS = 30_000

/** An HTTP server that waits for nobody: slow, endless and malformed requests are answered with their code and cut off. */
export function createPatientServer(app: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 10_000,
      // How often the two limits above are looked at.
      connectionsCheckingInterval: 1000,
    },
    (request, response) => {
      response.once('prefinish', () => request.socket.setTimeout(UNREAD_MS))
      app(request, response)
    },
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
    socket.end(rawReply(faultOf(error.code)), () => socket.destroy())
  })
  return server
}

function faultOf(code: string | undefined): RequestError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new RequestError('request.too_large', 'The headers are larger than this node reads.', {
        status: 431,
        nextStep: 'Send fewer or shorter headers.',
      })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RequestError('request.too_slow', 'The request did not arrive in time.', {
        status: 408,
        nextStep: 'Send the whole request within half a minute.',
      })
    default:
      return new RequestError('request.invalid', 'This is not HTTP.', {
        status: 400,
        facts: { fault: code ?? null },
        nextStep: 'Use an HTTP client.',
      })
  }
}

/** For requests that never became one: there is no response object to answer with. */
function rawReply(error: RequestError): string {
  const body = JSON.stringify(errorReply(error).body)
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
