/** A block as everybody must agree on it. */
export type Block = { readonly number: number; readonly hash: string }

/** One entity's row as it came: text, number, boolean, null, or a list of these, by field. References are ids. */
export type EntityRow = Readonly<Record<string, unknown>>

/** One page of one entity's rows, asked for in order of id. */
export type PageRequest = {
  readonly entity: string
  /** Only rows after this id; null for the first page. */
  readonly afterId: string | null
}

/** Where the mirror reads from. */
export interface EntitySource {
  /**
   * The newest indexed block, and which deployment indexed it.
   * @throws lineage.source_unreachable, lineage.subgraph_failed; lineage.on_another_fork while the index has not yet
   * followed a reorganisation of the chain
   */
  head(): Promise<Block & { deployment: string }>
  /** Hash of the chain's block at this height now; null when the chain is shorter. */
  hashOf(number: number): Promise<string | null>
  /**
   * Rows as of `at`, at most 1,000 for each request, by id ascending.
   * @param sinceBlock only rows written in this block or later; null for all
   */
  pages(requests: readonly PageRequest[], at: Block, sinceBlock: number | null): Promise<EntityRow[][]>
}

/** Rows a page holds at most: graph-node refuses more. */
export const PAGE_ROWS = 1_000
