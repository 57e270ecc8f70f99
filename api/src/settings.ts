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
  /** The model-factory: training runs. Nothing is trained unless given. */
  OPENLEDGER_FACTORY_URL: z.url().default('http://127.0.0.1:4300'),
  /** The inference node; shown on the page. */
  OPENLEDGER_INFERENCE_URL: z.url(),
  /** Requests a minute that one address may send, a tenth of them at once; 0 for no limit. */
  OPENLEDGER_REQUESTS_PER_MINUTE: z.coerce.number().int().min(0).default(6_000),
  /** Proxies in front of the api, whose word is taken for the address that a request came from. */
  OPENLEDGER_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** A query is given up after so many milliseconds. */
  OPENLEDGER_QUERY_TIMEOUT_MS: z.coerce.number().int().min(100).default(20_000),
  /** A request's body, uploads aside, must arrive within so many milliseconds. */
  OPENLEDGER_BODY_TIMEOUT_MS: z.coerce.number().int().min(100).default(15_000),
  /** Where people reach this api, for example https://api.example.org: sign-ins are for this site. Any name unless given. */
  OPENLEDGER_PUBLIC_URL: z.url().optional(),
  /** Who may upload: `open` for anybody, `signed-in`, `off`. Unless given, `open` on a local chain and `signed-in` elsewhere. */
  OPENLEDGER_UPLOADS: z.enum(['open', 'signed-in', 'off']).optional(),
  /** Largest upload, in bytes; the content store has a limit of its own, OPENLEDGER_CONTENT_MAX_BYTES. */
  OPENLEDGER_UPLOAD_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(5 * 1024 ** 3),
  /** Folder of state; uploads lie in api/uploads/ until they are whole. */
  OPENLEDGER_STATE: z.string().default('.openledger'),
  /** Folder of the built dashboard, relative to the working directory. */
  OPENLEDGER_DASHBOARD: z.string().default('dashboard/dist'),
  /** `true`: answer nothing but the operations of our own pages (/operations.json). */
  OPENLEDGER_SAFELIST_ONLY: z.stringbool().default(false),
  /** OTLP collector that traces are sent to over HTTP, for example http://127.0.0.1:4318; none unless given. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  /** Blocks that the index may lag behind the chain before /readyz says no. */
  OPENLEDGER_MAX_LAG_BLOCKS: z.coerce.number().int().min(1).default(20),
})
export type ApiSettings = z.infer<typeof ApiSettings>
