import type { Block, EntityRow, EntitySource, PageRequest } from './entity-source.ts'
import { PAGE_ROWS } from './entity-source.ts'

/**
 * For tests: a chain whose blocks say which rows they wrote, and an index of it that answers as graph-node does. It can
 * be reorganised, and the index can lag behind.
 */
export class ScriptedChain implements EntitySource {
  readonly blocks: ScriptedChain.Written[] = []
  deployment = 'QmFirst'
  /** Blocks that the index does not have yet. */
  lag = 0
  /** Called before every page, to make things happen meanwhile. */
  onPage: () => void = () => {}
  pageCalls = 0
  #forks = 0

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

  async head(): Promise<Block & { deployment: string }> {
    const { number, hash } = this.blocks.at(-1 - this.lag)!
    return { number, hash, deployment: this.deployment }
  }

  async hashOf(number: number): Promise<string | null> {
    return this.blocks[number]?.hash ?? null
  }

  async pages(requests: readonly PageRequest[], at: Block, sinceBlock: number | null): Promise<EntityRow[][]> {
    this.onPage()
    this.pageCalls += 1
    return requests.map(({ entity, afterId }) => {
      const rows = new Map<string, { row: EntityRow; block: number }>()
      for (const { number, rows: written } of this.blocks.slice(0, at.number + 1)) {
        for (const change of written)
          if (change.entity === entity) rows.set(String(change.row.id), { row: change.row, block: number })
      }
      return [...rows.values()]
        .filter(({ block }) => sinceBlock === null || block >= sinceBlock)
        .map(({ row }) => row)
        .filter(({ id }) => afterId === null || String(id) > afterId)
        .sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
        .slice(0, PAGE_ROWS)
    })
  }
}

export declare namespace ScriptedChain {
  type Changes = readonly { entity: string; row: EntityRow }[]
  type Written = Block & { rows: Changes }
}
