import { OpenLedgerError } from '@openledger/protocol'
import { hashOnChain, requireOnChain } from './chain-hash.ts'
import type { EntitySchema, EntityType } from './entity-schema.ts'
import type { Block, EntitySource, IndexHead, RowBatch } from './entity-source.ts'
import { postJson } from './post-json.ts'
import { columnsOf, type EntityRow } from './row-columns.ts'

/** Rows a page holds at most: graph-node refuses more. */
const PAGE_ROWS = 1_000

/**
 * Entities from a subgraph's GraphQL endpoint, pinned to a block's hash, with the chain's own word on which hash counts.
 *
 * The chain is asked too because graph-node, given a hash, looks its number up and answers for that number: it does not
 * notice that the block is no longer on the chain it follows.
 *
 * GraphQL does not tell in which block a row was written, nor versions between two reads. And a database that lost its
 * newest blocks and indexed them again between two reads goes unnoticed; what comes from files may then stand at other
 * blocks. `PostgresSource` has neither weakness.
 */
export class SubgraphSource implements EntitySource {
  readonly stamps = 'read'
  readonly #options: SubgraphSource.Options
  /** Entity → name of the query field that lists it. graph-node pluralises English words, so it is asked, not guessed. */
  #listFields: Promise<ReadonlyMap<string, string>> | undefined

  constructor(options: SubgraphSource.Options) {
    this.#options = options
  }

  async head(): Promise<IndexHead> {
    const { _meta: meta } = (await this.#query(
      '{ _meta { deployment hasIndexingErrors block { number hash } } }',
    )) as MetaAnswer
    if (meta.hasIndexingErrors) throw subgraphFailed(meta.deployment, meta.block.number)
    const head = { number: meta.block.number, hash: meta.block.hash.toLowerCase(), deployment: meta.deployment }
    return requireOnChain(head, (number) => this.hashOf(number))
  }

  async hashOf(number: number): Promise<string | null> {
    return hashOnChain(this.#options.rpcUrl, number, this.#options.timeoutMs)
  }

  /** Holds nothing open. */
  async close(): Promise<void> {}

  async *rows(since: number | null, at: Block): AsyncIterable<RowBatch> {
    let requests: Page[] = this.#options.schema.entities.map((entity) => ({ entity, afterId: null }))
    while (requests.length > 0) {
      const pages = await this.#pages(requests, since, at)
      const next: Page[] = []
      for (const [index, { entity }] of requests.entries()) {
        const rows = pages[index]!
        if (rows.length > 0) yield { entity: entity.name, columns: columnsOf(entity, rows, at.number) }
        if (rows.length === PAGE_ROWS) next.push({ entity, afterId: String(rows.at(-1)!.id) })
      }
      requests = next
    }
  }

  async #pages(requests: readonly Page[], since: number | null, at: Block): Promise<EntityRow[][]> {
    this.#listFields ??= this.#introspect()
    const listFields = await this.#listFields.catch((error: unknown) => {
      this.#listFields = undefined
      throw error
    })
    const selections = requests.map(({ entity, afterId }, index) => {
      const where = [
        ...(afterId === null ? [] : [`id_gt: ${JSON.stringify(afterId)}`]),
        ...(since === null ? [] : [`_change_block: { number_gte: ${since + 1} }`]),
      ]
      const filter = where.length === 0 ? '' : `, where: { ${where.join(', ')} }`
      const pinned = `first: ${PAGE_ROWS}, orderBy: id, orderDirection: asc, block: { hash: "${at.hash}" }`
      const fields = entity.fields.map(({ name, reference }) => (reference ? `${name} { id }` : name))
      return `p${index}: ${listFields.get(entity.name)}(${pinned}${filter}) { ${fields.join(' ')} }`
    })
    const answer = (await this.#query(`{ ${selections.join('\n')} }`)) as Record<string, EntityRow[]>
    return requests.map(({ entity }, index) => answer[`p${index}`]!.map((row) => flatten(entity, row)))
  }

  async #introspect(): Promise<ReadonlyMap<string, string>> {
    const type = '{ kind name ofType { kind name ofType { kind name ofType { kind name } } } }'
    const answer = (await this.#query(
      `{ __schema { queryType { fields { name args { name } type ${type} } } } }`,
    )) as SchemaAnswer
    const listFields = new Map<string, string>()
    for (const { name, args, type } of answer.__schema.queryType.fields) {
      const kinds: string[] = []
      let inner: TypeAnswer | null | undefined = type
      let base = ''
      for (; inner; inner = inner.ofType) {
        kinds.push(inner.kind)
        base = inner.name ?? base
      }
      // A full-text search lists entities too, but only in its own order.
      const isOrdered = args.some((argument) => argument.name === 'orderBy')
      if (kinds.includes('LIST') && isOrdered) listFields.set(base, name)
    }
    const absent = this.#options.schema.entities.filter(({ name }) => !listFields.has(name))
    if (absent.length > 0) {
      throw new OpenLedgerError(
        'lineage.schema_differs',
        'The subgraph does not have the entities of schema.graphql.',
        {
          facts: { entities: absent.map(({ name }) => name).join(', '), url: this.#options.subgraphUrl },
          nextStep: 'Deploy the subgraph of this checkout, or point OPENLEDGER_SUBGRAPH_URL at it.',
        },
      )
    }
    return listFields
  }

  async #query(query: string): Promise<unknown> {
    return postJson(this.#options.subgraphUrl, { query }, this.#options.timeoutMs)
  }
}

export declare namespace SubgraphSource {
  type Options = {
    schema: EntitySchema
    /** For example http://127.0.0.1:8000/subgraphs/name/subgraph-0 */
    subgraphUrl: string
    rpcUrl: string
    /** A call is given up after this time. */
    timeoutMs?: number
  }
}

/** One page of one entity's rows, after an id; after null the first. */
type Page = { entity: EntityType; afterId: string | null }
type MetaAnswer = { _meta: { deployment: string; hasIndexingErrors: boolean; block: { number: number; hash: string } } }
type TypeAnswer = { kind: string; name: string | null; ofType?: TypeAnswer | null }
type SchemaAnswer = {
  __schema: { queryType: { fields: { name: string; args: { name: string }[]; type: TypeAnswer }[] } }
}

/** `{ datanet: { id } }` → `{ datanet: id }` */
function flatten(entity: EntityType, row: EntityRow): EntityRow {
  const idOf = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(idOf) : ((value as { id?: unknown } | null)?.id ?? null)
  const flat = entity.fields.map(({ name, reference }) => [name, reference ? idOf(row[name]) : row[name]])
  return Object.fromEntries(flat)
}

export function subgraphFailed(deployment: string, block: number): OpenLedgerError {
  return new OpenLedgerError('lineage.subgraph_failed', 'The subgraph met an error and no longer holds every fact.', {
    facts: { deployment, block },
    nextStep: 'Read the log of graph-node, correct the mapping and deploy the subgraph again.',
  })
}
