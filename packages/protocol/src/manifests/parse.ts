import type { z } from 'zod'
import { OpenLedgerError } from '../error.ts'

/**
 * Reads JSON bytes as `schema` says.
 * @param what names the thing in the error, for example "contribution manifest"
 * @throws manifest.malformed with the first faults' places
 */
export function parseManifest<T extends z.ZodType>(schema: T, bytes: Uint8Array, what: string): z.infer<T> {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw malformed(what, 'not JSON in UTF-8', cause)
  }
  const result = schema.safeParse(json)
  if (!result.success) {
    const faults = result.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`)
    throw malformed(what, faults.join('; '))
  }
  return result.data
}

function malformed(what: string, faults: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('manifest.malformed', `The ${what} does not have the form it must have.`, {
    facts: { faults },
    nextStep: 'Correct the named members; the forms are in packages/protocol/src/manifests.',
    cause,
  })
}
