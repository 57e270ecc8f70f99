import { canonicalJson, cidOf } from '@openledger/protocol'
import { type OpenLedger, prepareContribution, prepareDatanet } from '@openledger/sdk'
import type { LocalRecord } from './files.ts'
import { upload } from './upload.ts'

const UPLOADS_AT_ONCE = 4

/** Uploads what is new and sends the contribution; sending it states the rights statement of the registry. */
export async function sendContribution(
  openledger: OpenLedger,
  contribution: { datanetId: `0x${string}`; licence: string; credit: string; records: readonly LocalRecord[] },
  say: (what: string) => void,
) {
  const prepared = prepareContribution(openledger.network, {
    datanetId: contribution.datanetId,
    licence: contribution.licence,
    attribution: { name: contribution.credit },
    contributor: await openledger.address(),
    records: contribution.records,
  })
  const waiting = prepared.contents.map((bytes) => new Uint8Array(bytes))
  let stored = 0
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await upload(next, cidOf(next))
      stored++
      say(`Uploaded ${stored} of ${prepared.contents.length}`)
    }
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work))
  say('Sign the contribution in your wallet')
  return openledger.send([prepared.call])
}

export type NewDatanet = Parameters<typeof prepareDatanet>[3]

/** Uploads a Datanet’s description and creates it. @returns its id and the receipts */
export async function sendDatanet(openledger: OpenLedger, terms: NewDatanet) {
  const prepared = await prepareDatanet(openledger.network, openledger.provider, await openledger.address(), terms)
  const bytes = new Uint8Array(canonicalJson(prepared.metadata))
  await upload(bytes, cidOf(bytes))
  return { id: prepared.id, receipts: await openledger.send([prepared.call]) }
}
