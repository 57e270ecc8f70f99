import DataLoader from 'dataloader'
import type { Subgraph } from '../sources/subgraph.ts'
import type { Entity, Row } from './entity.ts'

/** Rows of any entity by id, each asked for once a request, and together with all that the request needs then. */
export class RowsById {
  readonly #subgraph: Subgraph
  readonly #loaders = new Map<Entity, DataLoader<string, Row | null>>()

  constructor(subgraph: Subgraph) {
    this.#subgraph = subgraph
  }

  /** @returns null when there is no such row at the request's block */
  load<T extends Row>(entity: Entity, id: string): Promise<T | null> {
    let loader = this.#loaders.get(entity)
    if (loader === undefined) {
      loader = new DataLoader(
        (ids) => this.#subgraph.readEach(entity.listName, ids, (asked) => this.#read(entity, asked)),
        { maxBatchSize: 100 },
      )
      this.#loaders.set(entity, loader)
    }
    return loader.load(id) as Promise<T | null>
  }

  async #read({ listName, fields }: Entity, ids: readonly string[]): Promise<(Row | null)[]> {
    const { rows } = await this.#subgraph.queryOnce<{ rows: Row[] }>(
      `query($block: Int!, $ids: [Bytes!]) {
        rows: ${listName}(first: 100, where: {id_in: $ids}, block: {number: $block}) { ${fields} }
      }`,
      { ids },
    )
    const byId = new Map(rows.map((row) => [row.id, row]))
    return ids.map((id) => byId.get(id) ?? null)
  }
}
