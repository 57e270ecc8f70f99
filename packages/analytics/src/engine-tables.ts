/** What only the attribution engine knows, as tables. All of it follows from published epoch manifests and evidence. */
export type EngineTable = {
  readonly name: 'epoch' | 'influence' | 'payout'
  readonly about: string
  readonly columns: readonly EngineColumn[]
  /** Columns that order its rows, and together are unlike in each. */
  readonly key: readonly string[]
}

export type EngineColumn = {
  readonly name: string
  readonly type: 'VARCHAR' | 'HUGEINT' | 'BIGINT' | 'INTEGER'
  readonly unit: string
  readonly about: string
}

export const ENGINE_TABLES: readonly EngineTable[] = [
  {
    name: 'epoch',
    about: 'Epochs that build on each other, from the first to the newest, as their manifests state.',
    key: ['epoch'],
    columns: [
      column('epoch', 'INTEGER', 'number', 'number of the epoch, from 1'),
      column('manifest', 'VARCHAR', 'CID', 'its manifest'),
      column('parent', 'VARCHAR', 'CID', 'manifest of the epoch that it builds on; null for the first'),
      column('from_block', 'BIGINT', 'number', 'first block whose settlements it pays'),
      column('to_block', 'BIGINT', 'number', 'last block whose settlements it pays'),
      column('block_hash', 'VARCHAR', 'hash', 'hash of that block'),
      column('engine_hash', 'VARCHAR', 'hash', 'what computed it'),
      column('answers', 'BIGINT', 'count', 'answers that it pays for'),
      column(
        'fees_in_wei',
        'HUGEINT',
        'wei',
        'contributors’ part of the fees that it pays out: paid_wei + reserve_wei',
      ),
      column('paid_wei', 'HUGEINT', 'wei', 'what records earned'),
      column('reserve_wei', 'HUGEINT', 'wei', 'what no record earned'),
      column('carried_wei', 'HUGEINT', 'wei', 'promised by the epochs before it'),
      column('total_wei', 'HUGEINT', 'wei', 'promised by all epochs up to it: carried_wei + fees_in_wei'),
    ],
  },
  {
    name: 'influence',
    about: 'How much each cluster of training records shaped each answer that an epoch pays for.',
    key: ['epoch', 'receipt_hash', 'canonical'],
    columns: [
      column('epoch', 'INTEGER', 'number', 'epoch that pays for the answer'),
      column('receipt_hash', 'VARCHAR', 'hash', 'the answer: Answer.receiptHash'),
      column('model', 'VARCHAR', 'id', 'what answered'),
      column('canonical', 'VARCHAR', 'digest', 'canonical record of the cluster: Record.digest'),
      column('contributor', 'VARCHAR', 'address', 'who is paid for the cluster'),
      column('mean', 'HUGEINT', 'score', 'mean of the scores over training seeds, rounded down'),
      column('standard_error', 'HUGEINT', 'score', 'its standard error, rounded up'),
      column('utility', 'HUGEINT', 'score', 'what pay is proportional to: mean less two standard errors, not below 0'),
      column('share_ppm', 'INTEGER', 'ppm', 'its part of all utility for the answer, rounded down'),
    ],
  },
  {
    name: 'payout',
    about: 'Who gets how much for which answer because of which record.',
    key: ['epoch', 'receipt_hash', 'canonical'],
    columns: [
      column('epoch', 'INTEGER', 'number', 'epoch that pays'),
      column('receipt_hash', 'VARCHAR', 'hash', 'the answer: Answer.receiptHash'),
      column('canonical', 'VARCHAR', 'digest', 'canonical record of the cluster: Record.digest'),
      column('holder', 'VARCHAR', 'address', 'who is paid'),
      column('amount_wei', 'HUGEINT', 'wei', 'how much'),
    ],
  },
]

function column(name: string, type: EngineColumn['type'], unit: string, about: string): EngineColumn {
  return { name, type, unit, about }
}
