import type { EntityType } from './entity-schema.ts'
import type { Block, EntitySource, IndexHead, RowBatch } from './entity-source.ts'
import { columnsOf, type EntityRow } from './row-columns.ts'

const BATCH_ROWS = 1_000

/**
 * For tests: a chain whose blocks say which rows they wrote, and an index of it that answers as graph-node does. It can
 * be reorganised, and the index can lag behind.
 */
export class ScriptedChain implements EntitySource {
  readonly stamps: EntitySource['stamps']
  readonly blocks: ScriptedChain.Written[] = []
  deployment = 'QmFirst'
  /** Blocks that the index does not have yet. */
  lag = 0
  /** Called before every batch of rows, to make things happen meanwhile. */
  onBatch: () => void = () => {}
  batches = 0
  entities: readonly EntityType[]
  #forks = 0

  constructor(entities: readonly EntityType[], stamps: EntitySource['stamps'] = 'read') {
    this.entities = entities
    this.stamps = stamps
  }

  mine(rows: ScriptedChain.Changes = []): Block {
    const number = this.blocks.length
    this.blocks.push({ number, hash: `0x${this.#forks.toString(16)}f${number.toString(16)}`, rows })
    return this.blocks.at(-1)!
  }

  /** Drops the newest `depth` blocks; what is mined afterwards has other hashes. */
  reorganise(depth: number): void {
    this.blocks.splice(this.blocks.length - depth, depth)
    this.#forks += 1
  }

  async head(): Promise<IndexHead> {
    const { number, hash } = this.blocks.at(-1 - this.lag)!
    return { number, hash, deployment: this.deployment }
  }

  async hashOf(number: number): Promise<string | null> {
    return this.blocks[number]?.hash ?? null
  }

  async *rows(since: number | null, at: Block): AsyncIterable<RowBatch> {
    for (const entity of this.entities) {
      const written = this.blocks
        .slice(since === null ? 0 : since + 1, at.number + 1)
        .flatMap(({ number, rows }) => rows.map((change) => ({ ...change, number })))
        .filter((change) => change.entity === entity.name)
      const versions = new Map(
        written.map((change) => [this.stamps === 'read' ? change.row.id : `${change.row.id} ${change.number}`, change]),
      )
      const rows = [...versions.values()]
      for (const [block, changes] of Map.groupBy(rows, ({ number }) => (this.stamps === 'read' ? at.number : number))) {
        for (let i = 0; i < changes.length; i += BATCH_ROWS) {
          this.onBatch()
          this.batches += 1
          const batch = changes.slice(i, i + BATCH_ROWS).map(({ row }) => row)
          yield { entity: entity.name, columns: columnsOf(entity, batch, block) }
        }
      }
    }
  }
}

export declare namespace ScriptedChain {
  type Changes = readonly { entity: string; row: EntityRow }[]
  type Written = Block & { rows: Changes }
}
