import * as answer from './answer.ts'
import * as contributor from './contributor.ts'
import * as datanet from './datanet.ts'
import * as epoch from './epoch.ts'
import * as evidence from './evidence.ts'
import * as meta from './meta.ts'
import * as model from './model.ts'
import * as record from './record.ts'
import { scalars } from './scalars.ts'
import * as totals from './totals.ts'

const parts = [meta, totals, datanet, record, contributor, model, answer, evidence, epoch]

/** The schema, one part a type; the order has no meaning. */
export const typeDefs = parts.map((part) => part.typeDefs)

export const resolvers = [scalars, ...parts.map((part) => part.resolvers)]
