import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import type { ContentStore } from '@openledger/content-store'
import { OpenLedgerError } from '@openledger/protocol'
import {
  CROISSANT_MEDIA_TYPE,
  carOf,
  croissantOf,
  datasetCard,
  modelCard,
  type Places,
  provenanceOf,
  recordLine,
} from '@openledger/standards'
import type { Express, Request, RequestHandler, Response } from 'express'
import type { GraphQLSchema } from 'graphql'
import type { ApiContext } from '../context.ts'
import { readAnswer } from './answer.ts'
import { ContributorCount, readDatanet, readManifests, readRecords } from './datanet.ts'
import { readModel } from './model.ts'
import { ExportReader } from './reader.ts'

export type ExportOptions = {
  schema: GraphQLSchema
  newContext: () => ApiContext
  contentStore: ContentStore
  chainId: number
  /** Where people reach this api; null for whatever name they use. */
  publicUrl: string | null
}

type Export = { reader: ExportReader; id: string; places(): Places; response: Response }

/**
 * What is known of a Datanet, model or answer in the forms that others read, under `/exports`; with `?block=` as of that block.
 * A file of a Datanet with a block in its address never changes.
 */
export function serveExports(app: Express, options: ExportOptions, guards: readonly RequestHandler[]): void {
  const at = (path: string, write: (wanted: Export) => Promise<void>) =>
    app.get(`/exports/${path}`, ...guards, (request, response) => write(wantedOf(options, request, response)))

  at('datanets/:id/croissant.json', (wanted) => sendCroissant(wanted))
  at('datanets/:id/records.jsonl', (wanted) => sendRecords(wanted))
  at('datanets/:id/README.md', (wanted) => sendDatasetCard(wanted))
  at('datanets/:id/datanet.car', (wanted) => sendCar(wanted, options.contentStore))
  at('models/:id/README.md', async ({ reader, id, places, response }) => {
    const model = await readModel(reader, id)
    sendMarkdown(response, modelCard(places(), model))
  })
  at('answers/:id/prov.jsonld', async ({ reader, id, places, response }) => {
    const answer = await readAnswer(reader, id)
    response.type('application/ld+json').send(JSON.stringify(provenanceOf(places(), answer), null, 2))
  })
}

function wantedOf(options: ExportOptions, request: Request, response: Response): Export {
  const id = String(request.params.id)
  if (!/^0x[0-9a-f]{64}$/.test(id)) {
    throw new OpenLedgerError('export.malformed_id', 'This is not an id.', {
      facts: { id: id.slice(0, 80) },
      nextStep: 'Give 0x and 64 lower-case hex digits.',
    })
  }
  const reader = new ExportReader(options.schema, options.newContext, blockOf(request))
  const api = options.publicUrl ?? `${request.protocol}://${request.host}`
  // Titles and texts are of strangers; nothing here is a page.
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox")
  return { reader, id, places: () => ({ api, chainId: options.chainId, block: reader.block }), response }
}

function blockOf({ query }: Request): number | null {
  const { block } = query
  if (block === undefined) return null
  if (typeof block !== 'string' || !/^\d{1,10}$/.test(block)) {
    throw new OpenLedgerError('export.malformed_block', 'This is not a block’s number.', {
      facts: { block: String(block).slice(0, 80) },
      nextStep: 'Give one whole number, or none for the newest block that is indexed.',
    })
  }
  return Number(block)
}

async function sendCroissant({ reader, id, places, response }: Export): Promise<void> {
  const datanet = await readDatanet(reader, id)
  const hash = createHash('sha256')
  const contributors = new ContributorCount()
  let sizeBytes = 0
  for await (const record of readRecords(reader, id)) {
    const line = recordLine(places(), record)
    hash.update(line)
    sizeBytes += Buffer.byteLength(line)
    contributors.add(record)
  }
  const agents = contributors.sorted.map(({ account, name }) => ({ account, name }))
  const file = { sha256: hash.digest('hex'), sizeBytes, contributors: agents }
  response.setHeader('Content-Type', CROISSANT_MEDIA_TYPE)
  response.send(JSON.stringify(croissantOf(places(), datanet, file), null, 2))
}

async function sendRecords({ reader, id, places, response }: Export): Promise<void> {
  await readDatanet(reader, id)
  response.type('application/jsonlines')
  await stream(
    response,
    (async function* () {
      for await (const record of readRecords(reader, id)) yield recordLine(places(), record)
    })(),
  )
}

async function sendDatasetCard({ reader, id, places, response }: Export): Promise<void> {
  const datanet = await readDatanet(reader, id)
  const contributors = new ContributorCount()
  let records = 0
  for await (const record of readRecords(reader, id)) {
    records += 1
    contributors.add(record)
  }
  sendMarkdown(response, datasetCard(places(), datanet, records, contributors.sorted))
}

async function sendCar({ reader, id, response }: Export, contentStore: ContentStore): Promise<void> {
  await readDatanet(reader, id)
  const manifests = await readManifests(reader, id)
  response.type('application/vnd.ipld.car')
  const written = new Set<string>()
  await stream(
    response,
    carOf(
      manifests,
      (async function* () {
        for (const cid of manifests) yield { cid, bytes: await contentStore.get(cid) }
        for await (const { cid } of readRecords(reader, id)) {
          if (written.has(cid)) continue
          written.add(cid)
          yield { cid, bytes: await contentStore.get(cid) }
        }
      })(),
    ),
  )
}

/**
 * What fails before the first byte is answered with its error; what fails on the way ends the connection before the file's end,
 * so that nobody takes a part for the whole.
 */
async function stream(response: Response, parts: AsyncIterable<string | Uint8Array>): Promise<void> {
  const iterator = parts[Symbol.asyncIterator]()
  const first = await iterator.next()
  async function* all() {
    if (first.done === true) return
    yield first.value
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  try {
    await pipeline(all(), response)
  } catch (error) {
    // The reader left: there is nobody to tell.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

function sendMarkdown(response: Response, text: string): void {
  response.type('text/markdown').send(text)
}
