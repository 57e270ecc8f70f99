import type { Adapter, LoraConfig } from '@openledger/language-model'

/** An adapter as it waits in memory: in half precision where that loses nothing, as it does for files in half precision. */
export type PackedAdapter = { lora: LoraConfig; weights: Float32Array | Float16Array }

export function packAdapter({ lora, weights }: Adapter): PackedAdapter {
  const halves = Float16Array.from(weights)
  return { lora, weights: weights.every((weight, i) => weight === halves[i]) ? halves : weights.slice() }
}

export function unpackAdapter({ lora, weights }: PackedAdapter): Adapter {
  return { lora, weights: weights instanceof Float32Array ? weights : Float32Array.from(weights) }
}
