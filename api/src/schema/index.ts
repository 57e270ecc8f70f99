import * as agent from './agent.ts'
import * as answer from './answer.ts'
import * as contribution from './contribution.ts'
import * as contributor from './contributor.ts'
import * as datanet from './datanet.ts'
import * as dispute from './dispute.ts'
import * as epoch from './epoch.ts'
import * as evaluation from './evaluation.ts'
import * as evidence from './evidence.ts'
import * as inferenceNode from './inference-node.ts'
import * as meta from './meta.ts'
import * as model from './model.ts'
import * as node from './node.ts'
import * as prepareContribution from './prepare-contribution.ts'
import * as preparedCall from './prepared-call.ts'
import * as proposal from './proposal.ts'
import * as record from './record.ts'
import { scalars } from './scalars.ts'
import * as search from './search.ts'
import * as stake from './stake.ts'
import * as subscription from './subscription.ts'
import * as tokenFlow from './token-flow.ts'
import * as totals from './totals.ts'
import * as trainingJob from './training-job.ts'
import * as trainingRun from './training-run.ts'
import * as vote from './vote.ts'

const provenance = [datanet, contribution, record, contributor, model, evaluation, trainingJob, answer, evidence, epoch]
const agency = [agent, stake, dispute, proposal, vote, tokenFlow, inferenceNode]
const calls = [preparedCall, prepareContribution, trainingRun]
const parts = [meta, node, totals, search, ...provenance, ...agency, ...calls, subscription]

/** The schema, one part a type; the order has no meaning. */
export const typeDefs = parts.map((part) => part.typeDefs)

export const resolvers = [scalars, ...parts.map((part) => part.resolvers)]
