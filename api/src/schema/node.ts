import { OpenLedgerError } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import type { Entity, Row } from '../lists/entity.ts'
import { AT_BLOCK } from '../lists/sdl.ts'

export const typeDefs = /* GraphQL */ `
  "Whatever can be asked for again by one id, as Relay's object identification has it."
  interface Node {
    "Names this thing among all types: \`node(id:)\` gives it again."
    nodeId: ID!
  }

  extend type Query {
    "Anything by its nodeId; null when there is no such thing at this block."
    node(
      id: ID!
      ${AT_BLOCK}
    ): Node
  }
`

const KINDS = new Map<string, Entity>()

/** Resolvers that make rows of an entity re-askable by id; every type that implements Node spreads them into its own. */
export function nodeOf(type: string, entity: Entity) {
  KINDS.set(type, entity)
  return { nodeId: ({ id }: Row) => `${type}:${id}` }
}

export const resolvers = {
  Query: {
    node: async (_: unknown, { id }: { id: string }, { rows }: ApiContext) => {
      const [, type, key] = /^([A-Za-z]{1,40}):(0x[0-9a-f]{2,200})$/.exec(id) ?? []
      const entity = KINDS.get(type ?? '')
      if (entity === undefined || key === undefined) {
        throw new OpenLedgerError('node.malformed_id', 'This is not an id that a nodeId field gave.', {
          facts: { id: id.slice(0, 80) },
          nextStep: 'Pass the nodeId of something, unchanged.',
        })
      }
      const row = await rows.load(entity, key)
      return row === null ? null : { ...row, nodeKind: type }
    },
  },
  Node: { __resolveType: ({ nodeKind }: { nodeKind: string }) => nodeKind },
}
