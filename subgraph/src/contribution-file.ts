import { BigInt, Bytes, dataSource, JSONValue } from '@graphprotocol/graph-ts'
import { ContributionManifest, Record } from '../generated/schema'
import { ManifestReader } from './manifest-reader'
import { wordsIn } from './words'

const KIND = 'openledger/contribution@1'
// graph-node reads a file between two blocks, so a great one holds the index back for everybody: who has more sends several.
const MAX_RECORDS = 20000
const MAX_BYTES = 4000000

/**
 * Reads a contribution manifest: all of it or nothing. What is refused here is what
 * `packages/protocol/src/manifests/contribution.ts` refuses, and what contradicts the event.
 */
export function handleContributionFile(content: Bytes): void {
  const context = dataSource.context()
  const id = context.getBytes('id')
  const manifest = new ContributionManifest(id)
  manifest.contribution = id
  manifest.cid = dataSource.stringParam()
  manifest.recordCount = 0

  const reader = ManifestReader.open(content, KIND, MAX_BYTES)
  if (reader.hex('datanetId', 32) != context.getBytes('datanetId'))
    reader.fail('datanetId', 'is not the contribution’s')
  if (reader.hex('contributor', 20) != context.getBytes('contributor')) {
    reader.fail('contributor', 'is not who contributed')
  }
  if (reader.text('licence', 1, 128) != context.getString('licence'))
    reader.fail('licence', 'is not the contribution’s')
  const items = reader.list('records', MAX_RECORDS)
  if (context.getBigInt('recordCount') != BigInt.fromI32(items.length))
    reader.fail('records', 'are not as many as contributed')
  reader.enterMember('attribution')
  const name = reader.text('name', 1, 256)
  const url = reader.optionalText('url', 512)

  const records: Record[] = []
  for (let i = 0; i < items.length && reader.isGood; i++) records.push(readRecord(reader, items[i], id, i))

  if (reader.isGood) {
    manifest.attributionName = name
    manifest.attributionUrl = url
    manifest.recordCount = records.length
    for (let i = 0; i < records.length; i++) records[i].save()
  } else {
    manifest.fault = reader.fault
  }
  manifest.save()
}

function readRecord(reader: ManifestReader, item: JSONValue, contribution: Bytes, index: i32): Record {
  const context = dataSource.context()
  reader.enter(item, 'records.' + index.toString())
  const record = new Record(contribution.concatI32(index))
  record.digest = reader.digest('cid')
  record.cid = reader.text('cid', 1, 59)
  record.contribution = contribution
  record.datanet = context.getBytes('datanetId')
  record.contributor = context.getBytes('contributor')
  record.index = index
  record.standing = context.getBytes('standing')
  record.sizeBytes = reader.integer('sizeBytes', 1)
  record.mediaType = reader.text('mediaType', 0, 127)
  record.title = reader.text('title', 0, 512)
  record.words = wordsIn(record.title)
  return record
}
