import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeExecutableSchema } from '@graphql-tools/schema'
import {
  type DocumentNode,
  execute,
  type GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql'
import { EntityRows, type Question, type StoredRow } from './entity-rows.ts'
import { type IndexEntity, readIndexSchema } from './index-schema.ts'

const INTEGERS = new Set(['Int', 'Int8', 'Timestamp', 'BigInt'])

/**
 * Stands in for graph-node in tests and benchmarks: answers the queries that the api sends from rows in memory, by the schema
 * that graph-node makes of /schema.graphql, and refuses those that it does not know. References are ids.
 */
export class IndexStandIn {
  readonly #schema: GraphQLSchema
  readonly #integers = new Map<string, Set<string>>()
  readonly #rows = new Map<string, EntityRows>()
  readonly #documents = new Map<string, { document: DocumentNode; errors: readonly GraphQLError[] }>()
  /** Queries in the order in which they came, with their variables. */
  readonly asked: { query: string; variables: Record<string, unknown> }[] = []
  /** Headers that came with them. */
  readonly headers: IncomingHttpHeaders[] = []
  block: IndexStandIn.Block
  isRecording = true
  /** How it behaves: answers, is slow without end, or refuses all. */
  mood: 'answers' | 'hangs' | 'refuses' = 'answers'

  constructor(rows: Record<string, StoredRow[]>, block: IndexStandIn.Block) {
    const { entities, typeDefs } = readIndexSchema()
    this.block = block
    for (const { name, fields } of entities.values()) {
      this.#integers.set(
        name,
        new Set([...fields.values()].filter(({ type }) => INTEGERS.has(type)).map((field) => field.name)),
      )
      this.put(name, rows[name] ?? [])
    }
    this.#schema = makeExecutableSchema({ typeDefs, resolvers: this.#resolvers(entities) })
  }

  /** All rows of an entity from now on. */
  put(name: string, rows: StoredRow[]): void {
    const integers = this.#integers.get(name)!
    this.#rows.set(name, new EntityRows(rows, (field) => integers.has(field)))
  }

  async answer(query: string, variables: Record<string, unknown>): Promise<unknown> {
    if (this.isRecording) this.asked.push({ query, variables })
    if (this.mood === 'refuses') return { errors: [{ message: 'the store is gone' }] }
    let known = this.#documents.get(query)
    if (known === undefined) {
      const document = parse(query)
      known = { document, errors: validate(this.#schema, document) }
      this.#documents.set(query, known)
    }
    if (known.errors.length > 0) return { errors: known.errors }
    return execute({ schema: this.#schema, document: known.document, variableValues: variables })
  }

  /** Serves it as graph-node does; 0 takes any free port. */
  async listen(port = 0): Promise<{ url: string; close(): void }> {
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      if (this.isRecording) this.headers.push(request.headers)
      if (this.mood === 'hangs') return
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(await this.answer(query, variables ?? {})))
    })
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    return {
      url,
      close: () => {
        server.close()
        server.closeAllConnections()
      },
    }
  }

  #resolvers(
    entities: ReadonlyMap<string, IndexEntity>,
  ): Record<string, Record<string, GraphQLFieldResolver<never, unknown>>> {
    const query: Record<string, GraphQLFieldResolver<never, unknown>> = {
      _meta: (_: unknown, { block }: { block?: { number: number } }) => ({
        hasIndexingErrors: false,
        deployment: 'stand-in',
        block: block === undefined ? this.block : { number: block.number, hash: null, timestamp: this.block.timestamp },
      }),
    }
    const all: Record<string, Record<string, GraphQLFieldResolver<never, unknown>>> = { Query: query }
    for (const { name, oneName, listName, fields } of entities.values()) {
      query[oneName] = (_: unknown, { id }: { id: string }) => this.#rows.get(name)!.find({ where: { id } })[0] ?? null
      query[listName] = (_: unknown, question: Question) => this.#rows.get(name)!.find(question)
      const own: Record<string, GraphQLFieldResolver<never, unknown>> = {}
      for (const field of fields.values()) {
        if (!entities.has(field.type)) continue
        const { derivedFrom } = field
        own[field.name] = ((row: StoredRow, { where = {}, ...question }: Question) => {
          const others = this.#rows.get(field.type)!
          if (derivedFrom === null) return others.find({ where: { id: row[field.name] }, first: 1 })[0] ?? null
          const found = others.find({ ...question, where: { and: [where, { [derivedFrom]: row.id }] } })
          return field.isList ? found : (found[0] ?? null)
        }) as GraphQLFieldResolver<never, unknown>
      }
      all[name] = own
    }
    return all
  }
}

export declare namespace IndexStandIn {
  type Block = { number: number; hash: string | null; timestamp: number | null }
}
