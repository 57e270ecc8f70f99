import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'
import { FileStore } from '@tus/file-store'
import { Server as TusServer } from '@tus/server'
import type { Express, RequestHandler } from 'express'

const PATH = '/uploads'
/** An upload that nobody goes on with is thrown away. */
const EXPIRES_MS = 24 * 3_600_000
const SWEEP_MS = 3_600_000
/** A connection that sends nothing for so long is closed; the client goes on with another. */
const SILENCE_MS = 60_000

export type UploadOptions = {
  contentStore: FileContentStore
  /** Where what has arrived so far lies. */
  directory: string
  maxBytes: number
}

/**
 * Resumable uploads by tus 1.0. What has arrived lies in a file; when it is whole it goes into the content store under its
 * hash, and the last answer names the CID in `Content-Cid`. Names that a client gives are never used for files.
 * @param before what every request must pass: rates, sign-in
 */
export function serveUploads(app: Express, options: UploadOptions, before: RequestHandler[]): { close(): void } {
  const { contentStore, directory, maxBytes } = options
  const store = new FileStore({ directory, expirationPeriodInMilliseconds: EXPIRES_MS })
  const tus = new TusServer({
    path: PATH,
    datastore: store,
    maxSize: maxBytes,
    relativeLocation: true,
    exposedHeaders: ['Content-Cid'],
    // Web pages of others may not write here: no origin is allowed but one's own, which needs no permission.
    allowedOrigins: [],
    getFileIdFromRequest: (request) => fileIdOf(new URL(request.url).pathname),
    onUploadFinish: async (_, upload) => {
      const cid = await contentStore.putFile(join(directory, upload.id))
      await store.remove(upload.id)
      await rm(join(directory, `${upload.id}.json`), { force: true })
      return { headers: { 'Content-Cid': cid } }
    },
    onResponseError: (_, error) => ({
      status_code: 'status_code' in error ? error.status_code : statusOf(error),
      body: `${JSON.stringify({ error: reportOf(error) })}\n`,
    }),
  })
  app.use(PATH, ...before, (request, response, next) => {
    request.setTimeout(SILENCE_MS, () => request.destroy())
    // tus routes by the whole path, which express has cut.
    request.url = request.originalUrl
    tus.handle(request, response).catch(next)
  })
  const sweep = setInterval(() => void store.deleteExpired().catch(() => undefined), SWEEP_MS)
  sweep.unref()
  return { close: () => clearInterval(sweep) }
}

/** The id that we gave, and nothing else: it becomes a file's name. */
function fileIdOf(path: string): string | undefined {
  return /^\/uploads\/([0-9a-f]{32})$/.exec(path)?.[1]
}

function statusOf(error: unknown): number {
  if (!(error instanceof OpenLedgerError)) return 500
  return error.code === 'content.too_large' ? 413 : error.retryable ? 503 : 400
}

function reportOf(error: Error | { body: string }): Record<string, unknown> {
  if (error instanceof OpenLedgerError) {
    const { code, message, nextStep, retryable } = error
    return { code, message, nextStep, retryable }
  }
  const refused = new OpenLedgerError('uploads.refused', 'The upload protocol does not allow this request.', {
    facts: 'body' in error ? { reason: error.body.trim().slice(0, 200) } : {},
    nextStep: 'Follow tus 1.0: POST creates, HEAD says how much has arrived, PATCH sends the rest.',
  })
  return refused.toJSON()
}
