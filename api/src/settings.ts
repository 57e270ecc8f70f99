import { z } from 'zod'

/** Settings of the api, from the environment. */
export const ApiSettings = z.object({
  /** Port to listen on. */
  OPENLEDGER_PORT: z.coerce.number().int().min(0).max(65535).default(4000),
  /** Address to listen on; loopback unless you mean to be reached from elsewhere. */
  OPENLEDGER_HOST: z.string().default('127.0.0.1'),
  /** Where the deployment wrote the contracts' addresses. */
  OPENLEDGER_DEPLOYMENT: z.string(),
  /** JSON-RPC of the chain; shown on the page and used for readiness only. */
  OPENLEDGER_RPC_URL: z.url(),
  /** The subgraph's query endpoint. */
  OPENLEDGER_SUBGRAPH_URL: z.url(),
  /** The content store. */
  OPENLEDGER_CONTENT_URL: z.url(),
  /** The attribution engine: evidence on demand and reward proofs. */
  OPENLEDGER_ENGINE_URL: z.url(),
  /** The inference node; shown on the page. */
  OPENLEDGER_INFERENCE_URL: z.url(),
  /** Blocks that the index may lag behind the chain before /readyz says no. */
  OPENLEDGER_MAX_LAG_BLOCKS: z.coerce.number().int().min(1).default(20),
})
export type ApiSettings = z.infer<typeof ApiSettings>
