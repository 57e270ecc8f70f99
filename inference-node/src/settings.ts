import { PROJECTIONS } from '@openledger/language-model'
import { z } from 'zod'

const wei = z.string().regex(/^(0|[1-9][0-9]{0,37})$/, 'must be a decimal number of wei')
const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback)

/** Settings of the inference node, from the environment. */
export const NodeSettings = z.object({
  /** Directory of all state; the node's own lies in inference-node/. */
  OPENLEDGER_STATE: z.string().default('.openledger'),
  /** Where the deployment wrote the contracts' addresses. */
  OPENLEDGER_DEPLOYMENT: z.string(),
  /** JSON-RPC of the chain. */
  OPENLEDGER_RPC_URL: z.url(),
  /** The content store: models are read from it, transcripts and receipts are put into it. */
  OPENLEDGER_CONTENT_URL: z.url(),
  /** Port to listen on; 0 takes any free one. */
  OPENLEDGER_PORT: z.coerce.number().int().min(0).max(65535).default(4100),
  /** Address to listen on; loopback unless you mean to be reached from elsewhere. */
  OPENLEDGER_HOST: z.string().default('127.0.0.1'),
  /** The node's private key, hex: it signs receipts and settlements and earns the node's part. */
  OPENLEDGER_KEY: z.string().regex(/^0x[0-9a-fA-F]{64}$/, 'must be 0x and 64 hex digits'),
  /** Id or name of the base model to serve; without it, the one that was registered first. */
  OPENLEDGER_BASE_MODEL: z.string().optional(),
  /** The attribution engine: answers link to their evidence there. */
  OPENLEDGER_ENGINE_URL: z.url().default('http://127.0.0.1:4200'),

  /** Wei of OPEN for 1,000 prompt tokens. */
  OPENLEDGER_PROMPT_PRICE_WEI: wei.default('1000000000000000000'),
  /** Wei of OPEN for 1,000 completion tokens. */
  OPENLEDGER_COMPLETION_PRICE_WEI: wei.default('3000000000000000000'),
  /** Other prices by model id or name: {"name": {"promptWei": "…", "completionWei": "…"}}, per 1,000 tokens. */
  OPENLEDGER_PRICES: z.string().default('{}'),
  /** Milliseconds that a voucher must still live when it is taken: longer than settlements are apart. */
  OPENLEDGER_VOUCHER_LIFETIME_MS: count(600_000),
  /** Milliseconds between settlements; 0 settles only when asked (POST /admin/settle). */
  OPENLEDGER_SETTLE_EVERY_MS: z.coerce.number().int().min(0).default(60_000),
  /** Milliseconds between looks at the chain for new models. */
  OPENLEDGER_MODELS_EVERY_MS: count(2000),

  /** Highest rank of an adapter that is served. */
  OPENLEDGER_LORA_RANK: count(8),
  /** Projections that adapters may change, separated by commas. */
  OPENLEDGER_LORA_TARGETS: z
    .string()
    .default(PROJECTIONS.join(','))
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(PROJECTIONS)).min(1)),
  /** Who sends this as a bearer token may load and unload adapters; without it, nobody may. */
  OPENLEDGER_OPERATOR_KEY: z.string().min(16).optional(),
  /** Names or ids of adapters that stay in memory, separated by commas. */
  OPENLEDGER_PINNED_ADAPTERS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))),
  /** Whether the files of adapters are fetched when they are registered: 1, or 0 to fetch them when first asked for. */
  OPENLEDGER_PREFETCH: z.enum(['0', '1']).default('0'),
  /** Requests that are answered at the same time. */
  OPENLEDGER_BATCH_ROWS: count(16),
  /** Tokens, prompts and whole answers, that requests answered at the same time may hold; 0: as many as the rows have room for. */
  OPENLEDGER_BATCH_TOKENS: z.coerce.number().int().min(0).default(0),
  /** Bytes of memory for beginnings of prompts, so that the next with the same beginning is not read again; 0 keeps none. */
  OPENLEDGER_PREFIX_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(64 * 1024 * 1024),
  /** Answers that may be given or wait; more are told to come back. */
  OPENLEDGER_MAX_OPEN_REQUESTS: count(256),
  /** The same for one payer. */
  OPENLEDGER_MAX_OPEN_PER_PAYER: count(64),
  /** Milliseconds that a request waits to be begun at most. */
  OPENLEDGER_QUEUE_MS: count(30_000),
  /** Open connections in all. */
  OPENLEDGER_MAX_CONNECTIONS: count(1024),
  /** Open connections of one address. */
  OPENLEDGER_MAX_CONNECTIONS_PER_ADDRESS: count(256),
  /** Requests a second of one address; 0 for any number. */
  OPENLEDGER_REQUESTS_PER_SECOND: z.coerce.number().min(0).default(200),
  /** Length of an answer whose request names none, in tokens. */
  OPENLEDGER_DEFAULT_MAX_TOKENS: count(128),
  /** Threads within one operator of the model. */
  OPENLEDGER_THREADS: count(1),
  /** Bytes of memory for adapters; beyond it the least recently used is given up. */
  OPENLEDGER_ADAPTER_BYTES: count(512 * 1024 * 1024),
})
export type NodeSettings = z.infer<typeof NodeSettings>
