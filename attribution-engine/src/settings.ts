import { z } from 'zod'

/** Settings of the attribution engine, from the environment. */
export const EngineSettings = z.object({
  /** Folder of the engine's databases; one engine at a time. */
  OPENLEDGER_STATE: z.string().default('.openledger'),
  /** Where the deployment wrote the contracts' addresses. */
  OPENLEDGER_DEPLOYMENT: z.string(),
  /** JSON-RPC of the chain. */
  OPENLEDGER_RPC_URL: z.url(),
  /** The subgraph's schema, from which the mirror's tables are made; relative to the working directory. */
  OPENLEDGER_SCHEMA: z.string().default('schema.graphql'),
  /** The subgraph's query endpoint. */
  OPENLEDGER_SUBGRAPH_URL: z.url(),
  /**
   * graph-node's Postgres, where it may be read: the mirror then follows it directly, which is faster and tells the block of
   * every row. Empty: the query endpoint is read.
   */
  OPENLEDGER_INDEX_DATABASE_URL: z.preprocess((given) => (given === '' ? undefined : given), z.url().optional()),
  /** The content store. */
  OPENLEDGER_CONTENT_URL: z.url(),
  /**
   * Private key of the engine's account, used by nobody else: an attester, and an allowed proposer that holds OPEN for
   * the bond.
   */
  OPENLEDGER_KEY: z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'must be 0x and 64 hex digits'),
  /** Port to listen on. */
  OPENLEDGER_PORT: z.coerce.number().int().min(0).max(65535).default(4200),
  /** Address to listen on; loopback unless you mean to be reached from elsewhere. */
  OPENLEDGER_HOST: z.string().default('127.0.0.1'),
  /** How often an epoch is closed when there is something to pay, seconds; 0: only by POST /epochs. */
  OPENLEDGER_EPOCH_SECONDS: z.coerce.number().min(0).default(60),
  /** Every how many epochs all that is known is published as Parquet for analysts; 0: never. */
  OPENLEDGER_ANALYTICS_EPOCHS: z.coerce.number().int().min(0).default(1),
  /** How often the index is followed, milliseconds. */
  OPENLEDGER_SYNC_MS: z.coerce.number().int().min(50).default(1_000),
})
export type EngineSettings = z.infer<typeof EngineSettings>
