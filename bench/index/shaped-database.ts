import { query } from '@openledger/cli/stack'
import type { EntitySchema } from '@openledger/lineage-store'

/** Where the made rows lie. */
export const NAMESPACE = 'sgd1'

/**
 * A database laid out as graph-node 0.45 does, with the parts of it that a reader of one deployment looks at, and no
 * indexes but the primary keys.
 * @param block the head
 */
export async function shapeDatabase(
  databaseUrl: string,
  schema: EntitySchema,
  block: { number: number; hash: string },
): Promise<void> {
  const run = (text: string) => query(databaseUrl, text)
  await run(`
    CREATE SCHEMA subgraphs;
    CREATE SCHEMA ${NAMESPACE};
    CREATE TABLE public.deployment_schemas (id int4, subgraph text, name text, active bool);
    CREATE TABLE subgraphs.subgraph (name text, current_version text);
    CREATE TABLE subgraphs.subgraph_version (id text, deployment text);
    CREATE TABLE subgraphs.head (id int4, block_number int4, block_hash bytea);
    CREATE TABLE subgraphs.subgraph_manifest (id int4, spec_version text, history_blocks int4, graph_node_version_id int4);
    CREATE TABLE subgraphs.graph_node_versions (id int4, major int4, minor int4);
    CREATE TABLE subgraphs.subgraph_error (subgraph_id text, deterministic bool);
    INSERT INTO public.deployment_schemas VALUES (1, 'Qm', '${NAMESPACE}', true);
    INSERT INTO subgraphs.subgraph VALUES ('subgraph-0', 'v');
    INSERT INTO subgraphs.subgraph_version VALUES ('v', 'Qm');
    INSERT INTO subgraphs.head VALUES (1, ${block.number}, decode('${block.hash.slice(2)}', 'hex'));
    INSERT INTO subgraphs.subgraph_manifest VALUES (1, '1.3.0', 2147483647, 1);
    INSERT INTO subgraphs.graph_node_versions VALUES (1, 0, 45)`)
  for (const { name, immutable, fields } of schema.entities) {
    const columns = fields.map((field) => `"${snake(field.name)}" ${TYPES[field.type]}${field.list ? '[]' : ''}`)
    const stamp = immutable ? 'block$ int4' : 'block_range int4range'
    await run(
      `CREATE TABLE ${NAMESPACE}.${snake(name)} (vid int8 PRIMARY KEY, ${[stamp, ...columns].join(', ')}, search tsvector)`,
    )
  }
}

/** As graph-node spells the names in our schemas. */
export function snake(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([a-z])(\d)/g, '$1_$2')
    .toLowerCase()
}

/** Bytes for all that DuckDB keeps as text: nearly all of it is. */
const TYPES = { VARCHAR: 'bytea', BIGNUM: 'numeric', BIGINT: 'int8', INTEGER: 'int4', BOOLEAN: 'bool' } as const
