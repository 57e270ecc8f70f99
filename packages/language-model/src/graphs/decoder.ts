/**
 * The one definition of the model. Serving and training give it different operators (fused and cached, or recorded for
 * differentiation) and so cannot come to compute different things.
 *
 * @see Touvron et al. 2023, "LLaMA", arXiv:2302.13971, section 2.2
 */
import { type ModelConfig, PROJECTIONS, type Projection } from '../config.ts'
import { FINAL_NORM, normName } from '../weights.ts'

/** What a layer is made of; `X` stands for an activation `[B, T, width]`. */
export type DecoderOperators<X> = {
  /** The tokens' embeddings: `[B, T, hidden]`. */
  embed(): X
  /** Root-mean-square normalisation over the last axis, times the gain of that name. */
  normalise(x: X, gain: string): X
  /** `x Wᵀ`, with the LoRA delta of that place where there is one: `[B, T, out]`. */
  project(x: X, layer: number, projection: Projection): X
  /** Causal attention over rotated queries and keys: `[B, T, heads · headDim]`. */
  attend(queries: X, keys: X, values: X, layer: number): X
  /** `silu(gate) · up`. */
  gate(gate: X, up: X): X
  add(a: X, b: X): X
  /** `x Eᵀ`: `[B, T, vocab]`. */
  unembed(x: X): X
}

/** Applies the whole decoder and returns the logits. */
export function decoder<X>(config: ModelConfig, operators: DecoderOperators<X>): X {
  const { add, attend, embed, gate, normalise, project, unembed } = operators
  let x = embed()
  for (let layer = 0; layer < config.layers; layer++) {
    const attended = normalise(x, normName(layer, 'attention'))
    const [queries, keys, values] = PROJECTIONS.slice(0, 3).map((name) => project(attended, layer, name))
    x = add(x, project(attend(queries!, keys!, values!, layer), layer, 'o'))

    const gated = normalise(x, normName(layer, 'mlp'))
    x = add(x, project(gate(project(gated, layer, 'gate'), project(gated, layer, 'up')), layer, 'down'))
  }
  return unembed(normalise(x, FINAL_NORM))
}
