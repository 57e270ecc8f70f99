import { OpenLedgerError } from '@openledger/protocol'

/** Who may write content: anybody on a local chain, elsewhere those who signed in, or nobody. */
export type UploadPolicy = 'open' | 'signed-in' | 'off'

/** @throws session.required, uploads.off */
export function requireAccount({ account, uploads }: { account: string | null; uploads: UploadPolicy }): void {
  if (uploads === 'off') {
    throw new OpenLedgerError('uploads.off', 'This api takes no content.', {
      facts: { status: 403 },
      nextStep: 'Put the content into a content store of your own that the platform reads.',
    })
  }
  if (uploads === 'open' || account !== null) return
  throw new OpenLedgerError('session.required', 'Only who signed in may write content here.', {
    nextStep: 'Sign in with Ethereum: GET /session/message, sign it, POST /session.',
  })
}
