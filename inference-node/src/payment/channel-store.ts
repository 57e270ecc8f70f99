import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'

/** One payer's dealings with this node over one model: the newest voucher, and what became of the money. */
export type Channel = {
  payer: string
  modelId: string
  /** What the newest voucher allows in all. */
  cumulativeWei: bigint
  /** Unix seconds, decimal. */
  expiresAt: string
  signature: string
  /** What answers cost in all. */
  spentWei: bigint
  /** How much of that the chain has moved. */
  settledWei: bigint
}

/** The channels on the disk. */
export class ChannelStore {
  readonly #find: StatementSync
  readonly #ofPayer: StatementSync
  readonly #save: StatementSync

  constructor(database: DatabaseSync) {
    this.#find = database.prepare('SELECT * FROM channels WHERE payer = ? AND model_id = ?')
    this.#ofPayer = database.prepare('SELECT * FROM channels WHERE payer = ?')
    this.#save = database.prepare('INSERT OR REPLACE INTO channels VALUES (?, ?, ?, ?, ?, ?, ?)')
  }

  find(payer: string, modelId: string): Channel | null {
    const row = this.#find.get(payer, modelId)
    return row === undefined ? null : channelOf(row)
  }

  ofPayer(payer: string): Channel[] {
    return this.#ofPayer.all(payer).map(channelOf)
  }

  save(channel: Channel): void {
    this.#save.run(
      channel.payer,
      channel.modelId,
      channel.cumulativeWei.toString(),
      channel.expiresAt,
      channel.signature,
      channel.spentWei.toString(),
      channel.settledWei.toString(),
    )
  }
}

function channelOf(row: Record<string, SQLOutputValue>): Channel {
  return {
    payer: String(row.payer),
    modelId: String(row.model_id),
    cumulativeWei: BigInt(String(row.cumulative_wei)),
    expiresAt: String(row.expires_at),
    signature: String(row.signature),
    spentWei: BigInt(String(row.spent_wei)),
    settledWei: BigInt(String(row.settled_wei)),
  }
}
