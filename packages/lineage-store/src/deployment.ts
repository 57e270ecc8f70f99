import { OpenLedgerError } from '@openledger/protocol'
import type { ClientBase } from 'pg'
import { subgraphFailed } from './subgraph-source.ts'

/** The version of graph-node whose tables are read. What another one lays out otherwise would be read wrongly. */
const GRAPH_NODE = '0.45'
/** What graph-node writes for `prune: never`. */
const NEVER_PRUNED = 2_147_483_647

/** A deployment of a subgraph, and where it stands. */
export type Deployment = {
  /** IPFS hash; gnd uses the manifest's path. */
  id: string
  /** Postgres schema of its entities: sgd1, sgd2, … */
  namespace: string
  number: number
  hash: string
}

/**
 * The current deployment of a subgraph, from graph-node's own tables.
 * @throws lineage.subgraph_failed; lineage.not_indexed before its first block; lineage.layout_differs for one that cannot
 * be read straight from the tables
 */
export async function readDeployment(client: ClientBase, subgraph: string): Promise<Deployment> {
  const { rows } = await client.query<Row>(
    `SELECT place.subgraph AS id, place.name AS namespace, head.block_number AS number,
            encode(head.block_hash, 'hex') AS hash, manifest.spec_version AS "specVersion",
            manifest.history_blocks AS "historyBlocks", node.major || '.' || node.minor AS "graphNode",
            EXISTS (SELECT FROM subgraphs.subgraph_error
                     WHERE subgraph_id = place.subgraph AND deterministic) AS "hasFailed"
       FROM subgraphs.subgraph
       JOIN subgraphs.subgraph_version AS version ON version.id = subgraph.current_version
       JOIN public.deployment_schemas AS place ON place.subgraph = version.deployment AND place.active
       JOIN subgraphs.head ON head.id = place.id
       JOIN subgraphs.subgraph_manifest AS manifest ON manifest.id = place.id
       LEFT JOIN subgraphs.graph_node_versions AS node ON node.id = manifest.graph_node_version_id
      WHERE subgraph.name = $1`,
    [subgraph],
  )
  const [row] = rows
  if (row === undefined || row.number === null) throw notIndexed(subgraph)
  const { id, namespace, number, hash } = row
  if (row.hasFailed) throw subgraphFailed(id, number)
  if (row.graphNode !== GRAPH_NODE) throw differs('version of graph-node', `${GRAPH_NODE}.x`, row.graphNode)
  if (!(compare(row.specVersion, '1.3.0') >= 0)) throw differs('specVersion', '1.3.0 or newer', row.specVersion)
  if (row.historyBlocks !== NEVER_PRUNED) throw differs('history', 'prune: never', `${row.historyBlocks} blocks`)
  return { id, namespace, number, hash: `0x${hash}` }
}

type Row = {
  id: string
  namespace: string
  /** Null before the first block. */
  number: number | null
  hash: string
  specVersion: string
  historyBlocks: number
  graphNode: string | null
  hasFailed: boolean
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

function notIndexed(subgraph: string): OpenLedgerError {
  return new OpenLedgerError('lineage.not_indexed', 'graph-node has not indexed a block of this subgraph.', {
    facts: { subgraph },
    nextStep: 'Wait for it; or correct the name in OPENLEDGER_SUBGRAPH_URL, which must be that of a deployed subgraph.',
    retryable: true,
  })
}

/** Something about graph-node's tables that this version cannot read. */
export function differs(what: string, expected: string, found: string | null): OpenLedgerError {
  return new OpenLedgerError('lineage.layout_differs', 'The tables of graph-node are not as they are known here.', {
    facts: { what, expected, found },
    nextStep:
      'Leave OPENLEDGER_INDEX_DATABASE_URL empty: the index is then read by GraphQL. Or deploy this checkout’s subgraph.',
  })
}
