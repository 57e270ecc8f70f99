import { digestOfCid, OpenLedgerError } from '@openledger/protocol'
import type { ApiContext } from '../context.ts'
import { type PreparedCall, prepareApproval, prepareCall } from '../prepare/prepared-call.ts'
import { liveProof } from './contributor.ts'

export const typeDefs = /* GraphQL */ `
  "Prepares what its sender signs and sends. The api holds no key, sends no transaction and changes nothing on chain."
  type Mutation {
    "Pays an account what the newest live root grants it: calldata with the proof."
    prepareClaim(account: Address!): PreparedCall!
    "Chooses where the sender's rewards are paid to."
    prepareRecipient(recipient: Address!): PreparedCall!
    "Votes on a proposal."
    prepareVote(
      "Its number in the governor."
      proposal: BigInt!
      support: VoteSupport!
      "At most 1000 characters; published on chain."
      reason: String
    ): PreparedCall!
    "Lets an account vote with the sender's gOPEN; the sender itself for one's own votes."
    prepareDelegate(to: Address!): PreparedCall!
    "Turns OPEN into gOPEN, which votes."
    prepareLock(
      account: Address!
      "In wei of OPEN."
      amountWei: BigInt!
    ): PreparedCall!
    "Stakes OPEN behind a model or agent."
    prepareStake(
      "The model's id, or the agent's number as 32 bytes."
      pool: Bytes32!
      "Who gets the shares."
      staker: Address!
      "In wei of OPEN."
      amountWei: BigInt!
    ): PreparedCall!
    "Takes shares out of a pool's active stake; they can be withdrawn when they have thawed."
    prepareThaw(
      pool: Bytes32!
      "Shares of the active stake."
      shares: BigInt!
    ): PreparedCall!
    "Takes back what has thawed."
    prepareStakeWithdrawal(pool: Bytes32!, to: Address!): PreparedCall!
    "Orders training: what it pays is held by the contract until it is delivered or taken back."
    prepareTrainingJob(terms: TrainingJobTerms!): PreparedCall!
  }

  "A transaction for its sender to sign and send."
  type PreparedCall {
    "The contract."
    to: Address!
    "Calldata."
    data: Bytes!
    "Native coin to send along, in wei."
    value: BigInt!
    "The chain that it is for (EIP-155)."
    chainId: Int!
    "What it does, in words, to be shown before it is signed."
    description: String!
    "To be sent before, unless the contract may take as much OPEN already; null where none is needed."
    before: PreparedCall
  }

  "What a training job asks for."
  input TrainingJobTerms {
    "The base to adapt."
    baseModel: Bytes32!
    "Datanets to use, 1 to 31."
    sources: [JobSourceInput!]!
    "CID of the recipe."
    recipeCid: String!
    "What it pays, in wei of OPEN."
    budgetWei: BigInt!
    "Stake that the trainer's agent must have, in wei of OPEN."
    minStakeWei: BigInt! = "0"
    "What the trainer loses for not delivering, in wei of OPEN; at most the budget."
    penaltyWei: BigInt! = "0"
    "Unix seconds until which it must be delivered."
    deadline: BigInt!
    "Seconds for which the requester may dispute what was delivered."
    reviewSeconds: Int!
    modelOwner: JobModelOwner! = Requester
  }

  input JobSourceInput {
    datanet: Bytes32!
    "All that was contributed up to the end of this block; that of the request unless given."
    asOfBlock: BigInt
  }
`

const SUPPORT = { Against: 0, For: 1, Abstain: 2 } as const
const MODEL_OWNER = { Requester: 0, Trainer: 1 } as const
const MAX_REASON = 1_000

type Terms = {
  baseModel: string
  sources: { datanet: string; asOfBlock?: string | null }[]
  recipeCid: string
  budgetWei: string
  minStakeWei: string
  penaltyWei: string
  deadline: string
  reviewSeconds: number
  modelOwner: keyof typeof MODEL_OWNER
}

/** @throws call.amount_out_of_range for what no field of a contract holds */
function amount(text: string, name: string, bits = 128): bigint {
  const value = BigInt(text)
  if (value > 0n && value < 1n << BigInt(bits)) return value
  throw new OpenLedgerError('call.amount_out_of_range', 'No contract takes this amount.', {
    facts: { name, value: text },
    nextStep: 'Give a whole number above zero, in the unit that the schema names.',
  })
}

export const resolvers = {
  Mutation: {
    prepareClaim: async (_: unknown, { account }: { account: string }, context: ApiContext): Promise<PreparedCall> => {
      const proof = await liveProof(account, context)
      if (proof === null) {
        throw new OpenLedgerError('claim.nothing_granted', 'No live root grants this account anything.', {
          facts: { account },
          nextStep: 'Wait for the next epoch to pay; `epochs` says when it opens.',
        })
      }
      const { word, index, siblings, cumulativeWei, epoch } = proof
      const description = `Pays ${account} what epoch ${epoch} grants beyond what it was paid: ${cumulativeWei} wei of OPEN in all.`
      return prepareCall(context.deployment, 'RewardDistributor', 'claim', [word, index, siblings], description)
    },
    prepareRecipient: (_: unknown, { recipient }: { recipient: string }, { deployment }: ApiContext) =>
      prepareCall(
        deployment,
        'RewardDistributor',
        'setRecipient',
        [recipient],
        `From now on your rewards are paid to ${recipient}.`,
      ),
    prepareVote: (
      _: unknown,
      { proposal, support, reason }: { proposal: string; support: keyof typeof SUPPORT; reason?: string | null },
      { deployment }: ApiContext,
    ) => {
      const words = (reason ?? '').slice(0, MAX_REASON)
      const number = amount(proposal, 'proposal', 256)
      const description = `Votes ${support} on proposal ${number} with all votes that you hold.`
      return words === ''
        ? prepareCall(deployment, 'OpenGovernor', 'castVote', [number, SUPPORT[support]], description)
        : prepareCall(
            deployment,
            'OpenGovernor',
            'castVoteWithReason',
            [number, SUPPORT[support], words],
            `${description} Reason: ${words}`,
          )
    },
    prepareDelegate: (_: unknown, { to }: { to: string }, { deployment }: ApiContext) =>
      prepareCall(deployment, 'GovernanceOpen', 'delegate', [to], `From now on ${to} votes with your gOPEN.`),
    prepareLock: (
      _: unknown,
      { account, amountWei }: { account: string; amountWei: string },
      { deployment }: ApiContext,
    ) => {
      const wei = amount(amountWei, 'amountWei')
      const approval = prepareApproval(deployment, 'GovernanceOpen', wei)
      const description = `Turns ${wei} wei of your OPEN into gOPEN of ${account}.`
      return prepareCall(deployment, 'GovernanceOpen', 'depositFor', [account, wei], description, approval)
    },
    prepareStake: (
      _: unknown,
      { pool, staker, amountWei }: { pool: string; staker: string; amountWei: string },
      { deployment }: ApiContext,
    ) => {
      const wei = amount(amountWei, 'amountWei')
      const approval = prepareApproval(deployment, 'AgentStaking', wei)
      const description = `Stakes ${wei} wei of your OPEN behind ${pool}; it can be slashed, and thaws before it comes back.`
      return prepareCall(deployment, 'AgentStaking', 'stake', [pool, staker, wei], description, approval)
    },
    prepareThaw: (_: unknown, { pool, shares }: { pool: string; shares: string }, { deployment }: ApiContext) =>
      prepareCall(
        deployment,
        'AgentStaking',
        'thaw',
        [pool, amount(shares, 'shares', 256)],
        `Takes ${shares} of your shares out of the active stake behind ${pool}.`,
      ),
    prepareStakeWithdrawal: (_: unknown, { pool, to }: { pool: string; to: string }, { deployment }: ApiContext) =>
      prepareCall(
        deployment,
        'AgentStaking',
        'withdraw',
        [pool, to],
        `Sends ${to} what has thawed of your stake behind ${pool}.`,
      ),
    prepareTrainingJob: async (_: unknown, { terms }: { terms: Terms }, { deployment, subgraph }: ApiContext) => {
      const budgetWei = amount(terms.budgetWei, 'budgetWei')
      const sources = await Promise.all(
        terms.sources.map(async ({ datanet, asOfBlock }) => ({
          datanetId: datanet,
          asOfBlock: asOfBlock ?? (await subgraph.block()).number,
        })),
      )
      const order = {
        ...{ baseModelId: terms.baseModel, sources, recipeDigest: digestOfCid(terms.recipeCid), budgetWei },
        ...{ minStakeWei: terms.minStakeWei, penaltyWei: terms.penaltyWei, deadline: terms.deadline },
        ...{ reviewTime: terms.reviewSeconds, modelOwner: MODEL_OWNER[terms.modelOwner] },
      }
      const description = `Orders training for ${budgetWei} wei of your OPEN, held until it is delivered or you take it back.`
      const approval = prepareApproval(deployment, 'TrainingJobs', budgetWei)
      return prepareCall(deployment, 'TrainingJobs', 'request', [order], description, approval)
    },
  },
}
