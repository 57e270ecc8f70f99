import { formatOpen } from '@openledger/protocol'
import type { AnswerRow } from '@openledger/sdk'
import { plain, printFacts, printTable } from './print.ts'

const TITLE = 50
const NAME = 30

/** An answer with its evidence, as a person reads it: who is paid first, then what merely stands in it word for word. */
export function printAnswer(answer: AnswerRow): void {
  const { epoch, evidence, model, node, poolWei, priceWei, receiptHash, settlementTransaction, text } = answer
  printFacts({
    receipt: receiptHash,
    model: model?.name ?? 'unknown',
    node,
    price: formatOpen(BigInt(priceWei)),
    settled: settlementTransaction,
    epoch: epoch === null ? 'not paid by an epoch yet' : `${epoch.number}${epoch.isLive ? '' : ', not live yet'}`,
    'for contributors': poolWei === null ? 'not known yet' : formatOpen(BigInt(poolWei)),
    text: text === null ? 'not published' : text.slice(0, 200),
  })
  process.stdout.write('\n')
  if (evidence === null) {
    process.stdout.write(
      'There is no evidence: the model has no attribution features, or the engine does not answer.\n',
    )
    return
  }
  const rows = evidence.influence.map(({ sharePpm, record, contributor }) => ({
    share: `${(sharePpm / 10_000).toFixed(2)} %`,
    contributor: plain(contributor.name).slice(0, NAME),
    record: plain(record?.title ?? 'unknown').slice(0, TITLE),
    licence: plain(record?.licence ?? '').slice(0, NAME),
  }))
  printTable(rows, 'No record influenced it beyond the noise of training.')
  for (const { text: span, documents } of evidence.verbatim) {
    const titles = documents.map(({ record }) => plain(record?.title ?? 'unknown').slice(0, TITLE))
    process.stdout.write(`verbatim  "${plain(span)}" in ${titles.join(', ')}\n`)
  }
}
