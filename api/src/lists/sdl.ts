/** The block that a root field may name. It holds for the whole request, so that an answer never mixes two states. */
export const AT_BLOCK = `"Answer as of the end of this block; the same for all of the request. The newest indexed block unless given."
    block: Int`

/** Arguments of a list: a page by keyset, and the subgraph's own words for what is in it and in what order. */
export function listArguments(type: string, orderBy: string, orderDirection: 'asc' | 'desc'): string {
  return `"Rows of the page, 1 to 100."
    first: Int! = 20
    "pageInfo.endCursor of the page before."
    after: String
    "Only rows for which all of this holds."
    where: ${type}Where
    orderBy: ${type}OrderBy! = ${orderBy}
    orderDirection: OrderDirection! = ${orderDirection}`
}

/** The two types of a Relay connection. */
export function connectionOf(type: string): string {
  return `
  "A page of a list, with the way to the next one."
  type ${type}Connection {
    "The rows, without their cursors."
    nodes: [${type}!]!
    "The rows, each with the cursor that a page after it starts from."
    edges: [${type}Edge!]!
    pageInfo: PageInfo!
  }

  "A row of a page."
  type ${type}Edge {
    "Pass as \`after\` for the page that starts behind this row."
    cursor: String!
    node: ${type}!
  }
`
}
