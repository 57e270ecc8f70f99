import type { RowColumns } from './row-columns.ts'

/** A block as everybody must agree on it. */
export type Block = { readonly number: number; readonly hash: string }

/** The newest indexed block, and which deployment of the subgraph indexed it. */
export type IndexHead = Block & { readonly deployment: string }

/** Some rows of one entity, at least one. */
export type RowBatch = { readonly entity: string; readonly columns: RowColumns }

/** Where the mirror reads from. */
export interface EntitySource {
  /**
   * Which block a row is stamped with.
   *
   *   written   the one in which it was written; every version of a mutable entity comes
   *   read      the one as of which it was read; only the version that was current then comes
   */
  readonly stamps: 'written' | 'read'
  /**
   * @throws lineage.source_unreachable, lineage.subgraph_failed; lineage.on_another_fork while the index has not yet
   * followed a reorganisation of the chain
   */
  head(): Promise<IndexHead>
  /** Hash of the chain's block at this height now; null when the chain is shorter. */
  hashOf(number: number): Promise<string | null>
  /**
   * All rows that were written after block `since` and not after block `at`, in no order.
   * @param since null for all
   * @throws lineage.moved when the index left the chain of `at` meanwhile
   */
  rows(since: number | null, at: Block): AsyncIterable<RowBatch>
}
