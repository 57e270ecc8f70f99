/**
 * The subgraph's tables, for what the mixture touches, made from the subgraph's own schema: the same columns of like types,
 * and an index on every column by which the subgraph's schema offers a list of the rows that refer to an entity, as Ponder's
 * guide asks for relations. The subgraph has an index on every column; Ponder is not asked to, nor for
 * sums by hour and day, nor for the words by which the subgraph's full-text search finds a Datanet or a model.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kind, type ObjectTypeDefinitionNode, parse, type TypeNode } from 'graphql'
import { index, onchainTable } from 'ponder'

const schema = parse(readFileSync(join(process.cwd(), '../../../schema.graphql'), 'utf8'))
const types = new Map(
  schema.definitions
    .filter((node): node is ObjectTypeDefinitionNode => node.kind === Kind.OBJECT_TYPE_DEFINITION)
    .map((node) => [node.name.value, node]),
)

export const account = table('Account')
export const agent = table('Agent')
export const agentEvent = table('AgentEvent')
export const agentValue = table('AgentValue')
export const channel = table('Channel')
export const claim = table('Claim')
export const contribution = table('Contribution')
export const contributionStanding = table('ContributionStanding')
export const datanet = table('Datanet')
export const datanetContributor = table('DatanetContributor')
export const delegateChange = table('DelegateChange')
export const division = table('Division')
export const escrowAccount = table('EscrowAccount')
export const escrowMovement = table('EscrowMovement')
export const evaluation = table('Evaluation')
export const features = table('Features')
export const feedback = table('Feedback')
export const funding = table('Funding')
export const model = table('Model')
export const modelParent = table('ModelParent')
export const protocol = table('Protocol')
export const receiptBatch = table('ReceiptBatch')
export const rewardId = table('RewardId')
export const rewardRoot = table('RewardRoot')
export const rootEvent = table('RootEvent')
export const rootSchedule = table('RootSchedule')
export const settlement = table('Settlement')
export const stake = table('Stake')
export const stakeDeposit = table('StakeDeposit')
export const stakePool = table('StakePool')
export const subtreeCredit = table('SubtreeCredit')
export const tokenTransfer = table('TokenTransfer')
export const voter = table('Voter')
export const votesChange = table('VotesChange')

function table(name: string) {
  const fields = types
    .get(name)!
    .fields!.filter((field) => field.directives!.length === 0 && field.name.value !== 'words')
  const indexed = listedBy(name)
  return onchainTable(
    snake(name),
    (t) =>
      Object.fromEntries(
        fields.map(({ name: field, type }) => {
          const column = columnOf(t, innermost(type))
          if (field.value === 'id') return ['id', column.primaryKey()]
          return [field.value, type.kind === Kind.NON_NULL_TYPE ? column.notNull() : column]
        }),
      ) as any,
    (columns: any) => Object.fromEntries(indexed.map((field) => [field, index().on(columns[field])])),
  ) as any
}

function columnOf(t: any, type: string): any {
  if (type === 'Int') return t.integer()
  if (type === 'BigInt') return t.bigint()
  if (type === 'Boolean') return t.boolean()
  if (type === 'Bytes' || types.has(type)) return t.hex()
  return t.text() // a string or an enum
}

/** Fields of an entity by which others list its rows. */
function listedBy(name: string): string[] {
  const lists = [...types.values()].flatMap(({ fields }) => fields!)
  const found = lists.flatMap(({ type, directives }) => {
    const derived = directives!.find((directive) => directive.name.value === 'derivedFrom')
    const field = derived?.arguments?.[0]?.value
    return innermost(type) === name && field?.kind === Kind.STRING ? [field.value] : []
  })
  return [...new Set(found)]
}

function innermost(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : innermost(type.type)
}

function snake(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase()
}
