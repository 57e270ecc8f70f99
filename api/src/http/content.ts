import type { ContentStore } from '@openledger/content-store'
import { digestOfCid } from '@openledger/protocol'
import type { RequestHandler } from 'express'

/** Content by its CID. */
export function serveContent(contentStore: ContentStore): RequestHandler {
  return async (request, response) => {
    const cid = String(request.params.cid)
    digestOfCid(cid)
    const bytes = await contentStore.get(cid)
    // Contributed content is data: it is never run, whatever it claims to be.
    response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
    response.setHeader('Cache-Control', 'public, max-age=31536000, immutable')
    response.type('application/octet-stream').send(Buffer.from(bytes))
  }
}
