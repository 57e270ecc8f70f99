/**
 * The one definition of the model. Serving and training give it different operators (fused and cached, or recorded for
 * differentiation) and so cannot come to compute different things.
 *
 * @see Touvron et al. 2023, "LLaMA", arXiv:2302.13971, section 2.2
 */
import { type ModelConfig, PROJECTIONS, type Projection } from '../config.ts'
import { FINAL_NORM, headNormName, normName } from '../weights.ts'

/** What a layer is made of; `X` stands for an activation `[B, T, width]`. */
export type DecoderOperators<X> = {
  /** The tokens' embeddings: `[B, T, hidden]`. */
  embed(): X
  /** Root-mean-square normalisation over the last axis, times the gain of that name. */
  normalise(x: X, gain: string): X
  /** Root-mean-square normalisation of each head of `[B, T, heads · headDim]` by itself. */
  normaliseHeads(x: X, gain: string): X
  /** `x Wᵀ`, with the bias and the LoRA delta of that place where there are any: `[B, T, out]`. */
  project(x: X, layer: number, projection: Projection): X
  /** Causal attention: `[B, T, heads · headDim]`. */
  attend(queries: X, keys: X, values: X, at: AttentionPlace): X
  /** `silu(gate) · up`. */
  gate(gate: X, up: X): X
  add(a: X, b: X): X
  /** `x Eᵀ`: `[B, T, vocab]`. */
  unembed(x: X): X
}

export type AttentionPlace = {
  layer: number
  /** Whether queries and keys are turned by their positions. */
  isRotated: boolean
  /** Tokens that each one sees, itself included; undefined for all before it. */
  window: number | undefined
}

/** Applies the whole decoder and returns the logits. */
export function decoder<X>(config: ModelConfig, operators: DecoderOperators<X>): X {
  const { add, attend, embed, gate, normalise, normaliseHeads, project, unembed } = operators
  let x = embed()
  for (let layer = 0; layer < config.layers; layer++) {
    const perHead = (part: 'q' | 'k', heads: X) =>
      config.hasHeadNorms ? normaliseHeads(heads, headNormName(layer, part)) : heads
    const attended = normalise(x, normName(layer, 'attention'))
    const [queries, keys, values] = PROJECTIONS.slice(0, 3).map((name) => project(attended, layer, name))
    const mixed = attend(perHead('q', queries!), perHead('k', keys!), values!, placeOf(config, layer))
    x = add(x, project(mixed, layer, 'o'))

    const gated = normalise(x, normName(layer, 'mlp'))
    x = add(x, project(gate(project(gated, layer, 'gate'), project(gated, layer, 'up')), layer, 'down'))
  }
  return unembed(normalise(x, FINAL_NORM))
}

function placeOf({ slidingWindow, unrotatedLayers }: ModelConfig, layer: number): AttentionPlace {
  return {
    layer,
    isRotated: !unrotatedLayers?.includes(layer),
    window: slidingWindow?.layers.includes(layer) ? slidingWindow.tokens : undefined,
  }
}
