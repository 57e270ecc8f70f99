import { BigInt, Bytes, dataSource, JSONValue } from '@graphprotocol/graph-ts'
import { Answer, ReceiptsManifest } from '../generated/schema'
import { MAX_JSON_BYTES, ManifestReader } from './manifest-reader'

const KIND = 'openledger/receipts@1'
const MAX_RECEIPTS = 100000

/**
 * Reads the receipts of a batch: all of them or none. What is refused here is what
 * `packages/protocol/src/manifests/answer.ts` refuses, and what contradicts the event. Hashes and signatures are left to
 * those who can compute them.
 */
export function handleReceiptsFile(content: Bytes): void {
  const context = dataSource.context()
  const id = context.getBytes('id')
  const firstSequence = context.getBigInt('firstSequence')
  const manifest = new ReceiptsManifest(id)
  manifest.batch = id
  manifest.cid = dataSource.stringParam()
  manifest.receiptCount = 0

  const reader = ManifestReader.open(content, KIND, MAX_JSON_BYTES)
  if (reader.hex('node', 20) != context.getBytes('node')) reader.fail('node', 'is not who anchored the batch')
  if (reader.uint('firstSequence', 64) != firstSequence) reader.fail('firstSequence', 'is not the batch’s')
  const items = reader.list('receipts', MAX_RECEIPTS)
  if (context.getBigInt('receiptCount') != BigInt.fromI32(items.length))
    reader.fail('receipts', 'are not as many as anchored')

  const answers: Answer[] = []
  for (let i = 0; i < items.length && reader.isGood; i++) {
    const answer = readAnswer(reader, items[i], id, i)
    if (answer.node != context.getBytes('node')) reader.fail('node', 'is not who anchored the batch')
    if (answer.sequence != firstSequence.plus(BigInt.fromI32(i))) reader.fail('sequence', 'leaves a gap')
    answers.push(answer)
  }

  if (reader.isGood) {
    manifest.receiptCount = answers.length
    for (let i = 0; i < answers.length; i++) answers[i].save()
  } else {
    manifest.fault = reader.fault
  }
  manifest.save()
}

function readAnswer(reader: ManifestReader, item: JSONValue, batch: Bytes, index: i32): Answer {
  reader.enter(item, 'receipts.' + index.toString())
  const answer = new Answer(batch.concatI32(index))
  answer.receiptHash = reader.hex('receiptHash', 32)
  reader.signature('signature')
  reader.enterMember('receipt')
  answer.batch = batch
  answer.index = index
  answer.node = reader.hex('node', 20)
  answer.payer = reader.hex('payer', 20)
  answer.model = reader.hex('modelId', 32)
  reader.hex('baseModelId', 32)
  answer.requestHash = reader.hex('requestHash', 32)
  answer.responseHash = reader.hex('responseHash', 32)
  answer.engineHash = reader.hex('engineHash', 32)
  answer.previousReceipt = reader.hex('previousReceipt', 32)
  answer.promptTokens = reader.uint('promptTokens', 32)
  answer.completionTokens = reader.uint('completionTokens', 32)
  answer.priceWei = reader.uint('priceWei', 128)
  answer.sequence = reader.uint('sequence', 64)
  answer.timestampMs = reader.uint('timestampMs', 64)
  return answer
}
