import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { type Digest, digestOf } from '../digest.ts'

/** What an order of training stands for: its `recipeDigest` on chain is the digest of this, in canonical JSON. */
export const OrderedRecipe = z.strictObject({
  kind: z.literal('openledger/recipe@1'),
  /** Of the model. */
  name: z.string().min(1).max(128),
  /** `kind` and the fields that differ from that kind's default recipe. */
  recipe: z.record(z.string(), z.unknown()),
  /** SPDX expression of the model; those of the Datanets when left out. */
  licence: z.string().min(1).max(128).optional(),
  /** What it asks of derived works' income, parts per million. */
  royaltyPpm: z.int().min(0).max(1_000_000).optional(),
})
export type OrderedRecipe = z.infer<typeof OrderedRecipe>

/** @throws json.not_canonical */
export function orderRecipe(order: Omit<OrderedRecipe, 'kind'>): { manifest: OrderedRecipe; digest: Digest } {
  const manifest: OrderedRecipe = { kind: 'openledger/recipe@1', ...order }
  return { manifest, digest: digestOf(canonicalJson(manifest)) }
}
