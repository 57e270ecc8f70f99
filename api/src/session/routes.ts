import { OpenLedgerError } from '@openledger/protocol'
import express, { type Express, type Request, type RequestHandler } from 'express'
import type { Sessions } from './sessions.ts'

const COOKIE = 'openledger_session'

/** The account that a request is signed in as, by its bearer token or cookie; null for everybody else. */
export function accountOf(
  sessions: Sessions,
  headers: { authorization?: string | undefined; cookie?: string | undefined },
): string | null {
  const bearer = /^Bearer (\S{1,200})$/.exec(headers.authorization ?? '')?.[1]
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]{1,200})`).exec(headers.cookie ?? '')?.[1]
  return sessions.account(bearer ?? cookie)
}

/**
 * GET /session/message?account=0x… gives the message to sign; POST /session {message, signature} opens a session; GET
 * /session says whose it is; DELETE /session forgets the cookie.
 * @param publicUrl where people reach this api; the request's own Host where it is null, which suits one machine only
 */
export function serveSessions(
  app: Express,
  sessions: Sessions,
  publicUrl: string | null,
  before: RequestHandler[],
): void {
  const originOf = (request: Request) => new URL(publicUrl ?? `http://${request.headers.host ?? 'localhost'}`)
  app.get('/session/message', ...before, (request, response) => {
    response.type('text/plain').send(sessions.message(String(request.query.account ?? ''), originOf(request)))
  })
  app.post('/session', ...before, express.json({ limit: '16kb' }), (request, response) => {
    const { message, signature } = (request.body ?? {}) as Record<string, unknown>
    if (typeof message !== 'string' || typeof signature !== 'string') {
      throw new OpenLedgerError('session.malformed', 'The request holds no signed message.', {
        nextStep: 'Send {"message", "signature"} as JSON.',
      })
    }
    const origin = originOf(request)
    const { token, account, expiresAtMs } = sessions.open(message, signature, origin)
    response.cookie(COOKIE, token, {
      httpOnly: true,
      sameSite: 'strict',
      secure: origin.protocol === 'https:',
      expires: new Date(expiresAtMs),
    })
    response.json({ token, account, expiresAt: new Date(expiresAtMs).toISOString() })
  })
  app.get('/session', ...before, (request, response) => {
    response.json({ account: accountOf(sessions, request.headers) })
  })
  app.delete('/session', ...before, (_, response) => {
    response.clearCookie(COOKIE, { httpOnly: true, sameSite: 'strict' })
    response.json({ account: null })
  })
}
