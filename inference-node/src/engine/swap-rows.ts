/** Exchanges rows `a` and `b` of an array whose rows have `size` elements. */
export function swapRows(array: Float32Array, size: number, a: number, b: number): void {
  if (a === b) return
  const kept = array.slice(a * size, (a + 1) * size)
  array.copyWithin(a * size, b * size, (b + 1) * size)
  array.set(kept, b * size)
}
