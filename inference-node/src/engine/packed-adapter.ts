import type { Adapter, LoraConfig } from '@openledger/language-model'

/** An adapter as it waits in memory: in half precision where that loses nothing, as it does for files in half precision. */
export type PackedAdapter = { lora: LoraConfig; weights: Float32Array | Float16Array }

export function packAdapter({ lora, weights }: Adapter): PackedAdapter {
  const halves = new Float16Array(weights)
  return { lora, weights: isSame(weights, new Float32Array(halves)) ? halves : weights.slice() }
}

export function unpackAdapter({ lora, weights }: PackedAdapter): Adapter {
  return { lora, weights: weights instanceof Float32Array ? weights : new Float32Array(weights) }
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer))
}
