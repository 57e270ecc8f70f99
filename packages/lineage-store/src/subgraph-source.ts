import { OpenLedgerError } from '@openledger/protocol'
import type { EntityField, EntitySchema } from './entity-schema.ts'
import { type Block, type EntityRow, type EntitySource, PAGE_ROWS, type PageRequest } from './entity-source.ts'

/**
 * Entities from a subgraph's GraphQL endpoint, pinned to a block's hash, with the chain's own word on which hash counts.
 *
 * The chain is asked too because graph-node, given a hash, looks its number up and answers for that number: it does not
 * notice that the block is no longer on the chain it follows.
 */
export class SubgraphSource implements EntitySource {
  readonly #options: SubgraphSource.Options
  readonly #fields: ReadonlyMap<string, readonly EntityField[]>
  /** Entity → name of the query field that lists it. graph-node pluralises English words, so it is asked, not guessed. */
  #listFields: Promise<ReadonlyMap<string, string>> | undefined

  constructor(options: SubgraphSource.Options) {
    this.#options = options
    this.#fields = new Map(options.schema.entities.map(({ name, fields }) => [name, fields]))
  }

  async head(): Promise<Block & { deployment: string }> {
    const { _meta: meta } = (await this.#query(
      '{ _meta { deployment hasIndexingErrors block { number hash } } }',
    )) as MetaAnswer
    if (meta.hasIndexingErrors) {
      throw new OpenLedgerError(
        'lineage.subgraph_failed',
        'The subgraph met an error and no longer holds every fact.',
        {
          facts: { deployment: meta.deployment, block: meta.block.number },
          nextStep: 'Read the log of graph-node, correct the mapping and deploy the subgraph again.',
        },
      )
    }
    const block = { number: meta.block.number, hash: meta.block.hash.toLowerCase() }
    const onChain = await this.hashOf(block.number)
    if (onChain !== block.hash) {
      throw new OpenLedgerError('lineage.on_another_fork', 'The subgraph stands on a block that the chain has left.', {
        facts: { block: block.number, subgraphHash: block.hash, chainHash: onChain },
        nextStep: 'Wait for the subgraph to follow: it notices a reorganisation with the next new block.',
        retryable: true,
      })
    }
    return { ...block, deployment: meta.deployment }
  }

  async hashOf(number: number): Promise<string | null> {
    const block = (await this.#post(this.#options.rpcUrl, {
      jsonrpc: '2.0',
      id: 1,
      method: 'eth_getBlockByNumber',
      params: [`0x${number.toString(16)}`, false],
    })) as { hash: string } | null
    return block === null ? null : block.hash.toLowerCase()
  }

  async pages(requests: readonly PageRequest[], at: Block, sinceBlock: number | null): Promise<EntityRow[][]> {
    this.#listFields ??= this.#introspect()
    const listFields = await this.#listFields.catch((error: unknown) => {
      this.#listFields = undefined
      throw error
    })
    const selections = requests.map(({ entity, afterId }, index) => {
      const where = [
        ...(afterId === null ? [] : [`id_gt: ${JSON.stringify(afterId)}`]),
        ...(sinceBlock === null ? [] : [`_change_block: { number_gte: ${sinceBlock} }`]),
      ]
      const filter = where.length === 0 ? '' : `, where: { ${where.join(', ')} }`
      const pinned = `first: ${PAGE_ROWS}, orderBy: id, orderDirection: asc, block: { hash: "${at.hash}" }`
      const fields = this.#fieldsOf(entity).map(({ name, reference }) => (reference ? `${name} { id }` : name))
      return `p${index}: ${listFields.get(entity)}(${pinned}${filter}) { ${fields.join(' ')} }`
    })
    const answer = (await this.#query(`{ ${selections.join('\n')} }`)) as Record<string, EntityRow[]>
    return requests.map(({ entity }, index) => answer[`p${index}`]!.map((row) => this.#flatten(entity, row)))
  }

  /** `{ datanet: { id } }` → `{ datanet: id }` */
  #flatten(entity: string, row: EntityRow): EntityRow {
    const idOf = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(idOf) : ((value as { id?: unknown } | null)?.id ?? null)
    const flat = this.#fieldsOf(entity).map(({ name, reference }) => [name, reference ? idOf(row[name]) : row[name]])
    return Object.fromEntries(flat)
  }

  #fieldsOf(entity: string): readonly EntityField[] {
    return this.#fields.get(entity)!
  }

  async #introspect(): Promise<ReadonlyMap<string, string>> {
    const type = '{ kind name ofType { kind name ofType { kind name ofType { kind name } } } }'
    const answer = (await this.#query(`{ __schema { queryType { fields { name type ${type} } } } }`)) as SchemaAnswer
    const listFields = new Map<string, string>()
    for (const { name, type } of answer.__schema.queryType.fields) {
      const kinds: string[] = []
      let inner: TypeAnswer | null | undefined = type
      let base = ''
      for (; inner; inner = inner.ofType) {
        kinds.push(inner.kind)
        base = inner.name ?? base
      }
      if (kinds.includes('LIST')) listFields.set(base, name)
    }
    const absent = [...this.#fields.keys()].filter((entity) => !listFields.has(entity))
    if (absent.length > 0) {
      throw new OpenLedgerError(
        'lineage.schema_differs',
        'The subgraph does not have the entities of schema.graphql.',
        {
          facts: { entities: absent.join(', '), url: this.#options.subgraphUrl },
          nextStep: 'Deploy the subgraph of this checkout, or point OPENLEDGER_SUBGRAPH_URL at it.',
        },
      )
    }
    return listFields
  }

  async #query(query: string): Promise<unknown> {
    return this.#post(this.#options.subgraphUrl, { query })
  }

  /** Posts JSON; gives `data` of a GraphQL answer or `result` of a JSON-RPC one. */
  async #post(url: string, body: unknown): Promise<unknown> {
    let answer: Answer
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(this.#options.timeoutMs ?? 30_000),
      })
      answer = (await response.json()) as Answer
    } catch (cause) {
      throw unreachable(url, cause instanceof Error ? cause.message : String(cause), cause)
    }
    const fault = answer.error?.message ?? answer.errors?.map(({ message }) => message).join('; ')
    if (fault !== undefined) throw unreachable(url, fault)
    return answer.data ?? answer.result ?? null
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

type Answer = {
  data?: unknown
  result?: unknown
  error?: { message: string }
  errors?: { message: string }[]
}
type MetaAnswer = { _meta: { deployment: string; hasIndexingErrors: boolean; block: { number: number; hash: string } } }
type TypeAnswer = { kind: string; name: string | null; ofType?: TypeAnswer | null }
type SchemaAnswer = { __schema: { queryType: { fields: { name: string; type: TypeAnswer }[] } } }

function unreachable(url: string, reason: string, cause?: unknown): OpenLedgerError {
  return new OpenLedgerError('lineage.source_unreachable', 'The index or the chain gave no answer.', {
    facts: { url, reason: reason.slice(0, 500) },
    nextStep: 'Check that the chain and graph-node run (`npm start` starts them), then try again.',
    retryable: true,
    cause,
  })
}
