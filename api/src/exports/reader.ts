import { OpenLedgerError } from '@openledger/protocol'
import { type DocumentNode, execute, type GraphQLSchema } from 'graphql'
import type { ApiContext } from '../context.ts'

/** Asks our own schema, as anybody could, for what a document is written from: many questions, all at one block. */
export class ExportReader {
  readonly #schema: GraphQLSchema
  readonly #newContext: () => ApiContext
  #block: number | null

  /** @param block to read at; null for the newest that is indexed when the first question is asked */
  constructor(schema: GraphQLSchema, newContext: () => ApiContext, block: number | null) {
    this.#schema = schema
    this.#newContext = newContext
    this.#block = block
  }

  /** The block of everything read so far. */
  get block(): number {
    if (this.#block === null) throw new Error('Nothing was read yet.')
    return this.#block
  }

  /**
   * @param document asks for `_meta { block }` too
   * @throws what the schema's sources throw; a part that is missing is no answer here
   */
  async read<T>(document: DocumentNode, variableValues: Record<string, unknown>): Promise<T> {
    // A context of its own each time: a request's time is for one question, not for the hundreds of a great Datanet.
    const contextValue = this.#newContext()
    if (this.#block !== null) contextValue.subgraph.pin(this.#block)
    const { data, errors } = await execute({ schema: this.#schema, document, variableValues, contextValue })
    const fault = errors?.[0]
    if (fault !== undefined) throw fault.originalError ?? fault
    const [missing] = contextValue.scope.missing
    if (missing !== undefined) {
      throw new OpenLedgerError('export.incomplete', 'A source that the document is made from does not answer.', {
        facts: { status: 503, source: missing.source, reason: missing.code },
        nextStep: missing.hint,
        retryable: true,
      })
    }
    const answer = data as unknown as T & { _meta: { block: number } }
    this.#block ??= answer._meta.block
    return answer
  }
}
