/** Resumable uploads by tus 1.0, as the api takes them: POST creates, PATCH sends on from where HEAD says it stopped. */
import { ApiError } from '../api/api-error.ts'
import { readChecked } from '../api/content.ts'

const VERSION = { 'Tus-Resumable': '1.0.0' }
/** Pieces small enough that a broken connection loses little. */
const PIECE_BYTES = 4 * 1024 * 1024
const ATTEMPTS = 6
const PAUSE_MS = 500

/**
 * Stores content and returns when the store has it under the CID that was computed here.
 * @throws ApiError uploads.refused; content.hash_mismatch when the store names it otherwise
 */
export async function upload(
  bytes: Uint8Array<ArrayBuffer>,
  cid: string,
  onSent: (bytes: number) => void = () => {},
): Promise<void> {
  const created = await fetch('/uploads', {
    method: 'POST',
    headers: { ...VERSION, 'Upload-Length': String(bytes.length) },
  })
  const place = created.headers.get('Location')
  if (created.status !== 201 || place === null) throw await refusal(created)
  let offset = 0
  let failures = 0
  while (offset < bytes.length) {
    try {
      const sent = await fetch(place, {
        method: 'PATCH',
        headers: { ...VERSION, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' },
        body: bytes.slice(offset, offset + PIECE_BYTES),
      })
      if (!sent.ok) throw await refusal(sent)
      offset = Number(sent.headers.get('Upload-Offset'))
      failures = 0
      onSent(offset)
      const stored = sent.headers.get('Content-Cid')
      if (stored !== null && stored !== cid) throw mismatch()
    } catch (error) {
      if (error instanceof ApiError && !error.retryable) throw error
      failures++
      if (failures >= ATTEMPTS) throw error
      await new Promise((done) => setTimeout(done, PAUSE_MS * 2 ** failures))
      // The store may have it whole although its answer was lost: then the upload is gone.
      const head = await fetch(place, { method: 'HEAD', headers: VERSION }).catch(() => null)
      if (head?.status === 404) return void (await readChecked(cid))
      if (head?.ok) offset = Number(head.headers.get('Upload-Offset'))
    }
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const { error } = (await response.json().catch(() => ({}))) as { error?: Partial<ApiError> }
  return new ApiError(
    error?.code ?? 'uploads.refused',
    error?.message ?? `The upload was answered with ${response.status}.`,
    error?.nextStep ?? 'Try again in a moment.',
    error?.retryable ?? response.status >= 500,
  )
}

function mismatch(): ApiError {
  return new ApiError('content.hash_mismatch', 'The store has other bytes than were sent.', 'Send them again.', false)
}
