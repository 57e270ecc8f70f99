/**
 * Signed statements about a model: an in-toto statement in a DSSE envelope, signed with Ed25519, as Sigstore's and SLSA's
 * tools read them.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { OpenLedgerError } from '@openledger/protocol'
import type { Statement } from './provenance.ts'

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'

export type Envelope = {
  payloadType: string
  /** Base64 of the statement's JSON. */
  payload: string
  signatures: { keyid: string; sig: string }[]
}

/** @param privateKey Ed25519 */
export function signStatement(statement: Statement, privateKey: KeyObject): Envelope {
  const body = Buffer.from(JSON.stringify(statement), 'utf8')
  if (privateKey.asymmetricKeyType !== 'ed25519') throw invalid('the key is not Ed25519')
  const signature = sign(null, preAuthenticated(PAYLOAD_TYPE, body), privateKey)
  return {
    payloadType: PAYLOAD_TYPE,
    payload: body.toString('base64'),
    signatures: [{ keyid: keyIdOf(createPublicKey(privateKey)), sig: signature.toString('base64') }],
  }
}

/** @throws {OpenLedgerError} `provenance.invalid` unless this key signed exactly this payload under this type */
export function openEnvelope(envelope: Envelope, publicKey: KeyObject): Statement {
  if (envelope.payloadType !== PAYLOAD_TYPE) throw invalid('the payload is of another type')
  const body = Buffer.from(envelope.payload, 'base64')
  const keyId = keyIdOf(publicKey)
  const signature = envelope.signatures.find(({ keyid }) => keyid === keyId)
  if (signature === undefined) throw invalid('this key has not signed it')
  const bytes = Buffer.from(signature.sig, 'base64')
  if (!verify(null, preAuthenticated(PAYLOAD_TYPE, body), publicKey, bytes)) throw invalid('the signature is wrong')
  return JSON.parse(body.toString('utf8')) as Statement
}

/** sha256 of the key's SubjectPublicKeyInfo. */
function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}

/** DSSE's pre-authentication encoding: lengths are in bytes. */
export function preAuthenticated(type: string, body: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `
  return Buffer.concat([Buffer.from(head, 'utf8'), body])
}

function invalid(reason: string): OpenLedgerError {
  return new OpenLedgerError('provenance.invalid', 'This statement is not signed as it should be.', {
    facts: { reason },
    nextStep: 'Ask the publisher for the statement again, and for the key by another way.',
  })
}
