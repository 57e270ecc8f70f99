import { OpenLedgerError } from '@openledger/protocol'
import type { RequestHandler } from 'express'

/** Ends requests whose body does not arrive in time: who sends a byte a minute would hold a connection for ever. */
export function refuseSlowBodies(timeoutMs: number): RequestHandler {
  return (request, response, next) => {
    const timer = setTimeout(() => {
      if (request.complete) return
      if (!response.headersSent) {
        response.writeHead(408, { connection: 'close', 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: slowBody().toJSON() }))
      }
      request.destroy()
    }, timeoutMs)
    const stop = () => clearTimeout(timer)
    request.once('end', stop)
    response.once('close', stop)
    next()
  }
}

function slowBody(): OpenLedgerError {
  return new OpenLedgerError('http.slow_body', 'The body did not arrive in time.', { nextStep: 'Send it again.' })
}
