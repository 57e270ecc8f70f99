import { OpenLedgerError } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { checkFirst } from '../lists/page-of.ts'
import { AT_BLOCK } from '../lists/sdl.ts'
import { searchRows } from '../sources/search.ts'

export const typeDefs = /* GraphQL */ `
  extend type Query {
    "Datanets, models and records whose name or title holds this text, whatever its case; Datanets first."
    search(
      "3 to 100 characters."
      text: String!
      "Most of each kind, 1 to 20."
      first: Int! = 10
      ${AT_BLOCK}
    ): [SearchResult!]!
  }

  union SearchResult = Datanet | BaseModel | Adapter | Head | Record
`

const [MIN_LENGTH, MAX_LENGTH, MAX_RESULTS] = [3, 100, 20]
const TYPE_OF_MODEL: Record<string, string> = { Base: 'BaseModel', Adapter: 'Adapter', Head: 'Head' }

export const resolvers = {
  Query: {
    search: (_: unknown, { text, first }: { text: string; first: number }, { subgraph }: ApiContext) => {
      checkFirst(first, MAX_RESULTS)
      const words = text.trim()
      if (words.length < MIN_LENGTH || words.length > MAX_LENGTH) {
        throw new OpenLedgerError('search.length', 'This text is too short or too long to be searched for.', {
          facts: { length: words.length, min: MIN_LENGTH, max: MAX_LENGTH },
          nextStep: 'Search for a word or a few.',
        })
      }
      return searchRows(subgraph, words, first)
    },
  },
  SearchResult: {
    __resolveType: ({ found, kind }: { found: string; kind?: string }) =>
      found === 'Model' ? TYPE_OF_MODEL[kind ?? ''] : found,
  },
}
