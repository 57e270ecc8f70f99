/** Half-precision numbers as safetensors stores them: IEEE binary16 (F16) and bfloat16 (BF16). */

/** Widens F16 to F32; exact. */
export function fromFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(new Float16Array(bits.buffer, bits.byteOffset, bits.length))
}

/** Narrows F32 to F16, to the nearest, ties to even. */
export function toFloat16(values: Float32Array): Uint16Array {
  return new Uint16Array(Float16Array.from(values).buffer)
}

/** Widens BF16 to F32; exact: a bfloat16 is the upper half of a float. */
export function fromBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16
  return new Float32Array(words.buffer)
}

/** Narrows F32 to BF16, to the nearest, ties to even; NaN stays NaN. */
export function toBfloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const bits = new Uint16Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const word = words[i]!
    const roundToEven = 0x7fff + ((word >>> 16) & 1)
    bits[i] = Number.isNaN(values[i]!) ? 0x7fc0 : (word + roundToEven) >>> 16
  }
  return bits
}
