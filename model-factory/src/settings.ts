import { z } from 'zod'

/** Settings of the model-factory, from the environment. */
export const FactorySettings = z.object({
  /** Port to listen on. */
  OPENLEDGER_PORT: z.coerce.number().int().min(0).max(65535).default(4300),
  /** Address to listen on. Keep it loopback: who reaches it may order training without a budget. The api stands in front. */
  OPENLEDGER_HOST: z.string().default('127.0.0.1'),
  /** Folder of the checkpoints; workers that share it go on where another stopped. */
  OPENLEDGER_STATE: z.string().default('.openledger'),
  /** Where the deployment wrote the contracts' addresses. */
  OPENLEDGER_DEPLOYMENT: z.string(),
  /** JSON-RPC of the chain. */
  OPENLEDGER_RPC_URL: z.url(),
  /** The subgraph's query endpoint. */
  OPENLEDGER_SUBGRAPH_URL: z.url(),
  /** The content store. */
  OPENLEDGER_CONTENT_URL: z.url(),
  /** Postgres of runs and their queue, the same for all workers. */
  OPENLEDGER_FACTORY_DATABASE_URL: z.url(),
  /** Private key of the account that registers models and takes up orders, used by nobody else. */
  OPENLEDGER_KEY: z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'must be 0x and 64 hex digits'),
  /** Runs that this process trains at a time; 0: it only serves and takes up orders. */
  OPENLEDGER_FACTORY_WORKERS: z.coerce.number().int().min(0).max(64).default(1),
  /** What a million trained tokens cost, in OPEN: an order with less is declined. */
  OPENLEDGER_FACTORY_PRICE_OPEN: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,18})?$/)
    .default('1'),
  /** OPEN to be staked on the factory's own agent, without which it takes up no orders and records no evaluations; 0: none. */
  OPENLEDGER_FACTORY_STAKE_OPEN: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,18})?$/)
    .default('0'),
  /** Runs that may wait at a time; more are refused. */
  OPENLEDGER_FACTORY_MAX_WAITING: z.coerce.number().int().min(1).default(1_000),
})
export type FactorySettings = z.infer<typeof FactorySettings>
