/** An entity of the subgraph as the api reads it. Names are the subgraph's, fields a selection in its language. */
export type Entity = {
  /** For example `Datanet`; its filter type is `Datanet_filter`. */
  typeName: string
  /** For example `datanets`. */
  listName: string
  /** What is read of each row; `id` is among it. */
  fields: string
}

export type Row = { id: string }

/** Which rows, in the subgraph's words: `owner`, `recordCount_gte`, `name_contains_nocase`, … */
export type Where = Record<string, unknown>
