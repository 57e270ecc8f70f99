import { parseManifest } from '@openledger/protocol'
import { z } from 'zod'

const bytes32 = z.string().regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 lower-case hex digits') as z.ZodType<
  `0x${string}`,
  `0x${string}`
>

/** The longest that one attempt may take, seconds: the queue forgets what runs for a day. */
export const MAX_SECONDS = 23 * 3_600
const USUAL_SECONDS = 6 * 3_600
const USUAL_MEMORY_MB = 4_096

/** What somebody asks to be trained. */
export const RunSpec = z.strictObject({
  /** Of the adapter. */
  name: z.string().trim().min(1).max(128),
  /** Ids, or ids as of a block; all that is indexed when no block is named. */
  datanets: z
    .array(z.union([bytes32, z.strictObject({ id: bytes32, asOfBlock: z.int().min(1) })]))
    .min(1)
    .max(32)
    .refine((all) => new Set(all.map(idOf)).size === all.length, 'must not name a Datanet twice'),
  /** Id; the newest registered base when left out. */
  baseModel: bytes32.nullish(),
  /** `kind` and the fields that differ from its default recipe. */
  recipe: z.record(z.string().max(64), z.unknown()).default({}),
  /** SPDX expression of the adapter; those of the Datanets, joined by AND, when left out. */
  licence: z.string().min(1).max(128).nullish(),
  /** What it asks of derived works' income, parts per million. */
  royaltyPpm: z
    .int()
    .min(0)
    .max(1_000_000)
    .nullish()
    .transform((ppm) => ppm ?? 0),
  /** Limits of one attempt. */
  maxSeconds: z
    .int()
    .min(1)
    .max(MAX_SECONDS)
    .nullish()
    .transform((seconds) => seconds ?? USUAL_SECONDS),
  maxMemoryMb: z
    .int()
    .min(64)
    .max(1 << 20)
    .nullish()
    .transform((megabytes) => megabytes ?? USUAL_MEMORY_MB),
})
export type RunSpec = z.infer<typeof RunSpec>

/** @throws manifest.malformed naming the fields that are wrong */
export function readRunSpec(value: unknown): RunSpec {
  return parseManifest(RunSpec, new TextEncoder().encode(JSON.stringify(value)), 'training request')
}

export function sourcesOf({ datanets }: RunSpec): { id: `0x${string}`; asOfBlock: number | undefined }[] {
  return datanets.map((one) => (typeof one === 'string' ? { id: one, asOfBlock: undefined } : one))
}

function idOf(one: string | { id: string }): string {
  return typeof one === 'string' ? one : one.id
}
