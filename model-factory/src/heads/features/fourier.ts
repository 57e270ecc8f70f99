/**
 * The power of each frequency of a real signal: |Σ x[n] e^(-2πikn/N)|² for k from 0 to N/2.
 *
 * @param samples N of them, a power of two
 * @returns       `[N/2 + 1]`
 * @see Cooley & Tukey 1965: decimation in time, in place
 */
export function powerSpectrum(samples: Float64Array): Float64Array {
  const size = samples.length
  const bits = Math.log2(size)
  if (!Number.isInteger(bits)) throw new RangeError('the number of samples must be a power of two')
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    let reversed = 0
    for (let bit = 0; bit < bits; bit++) reversed |= ((i >> bit) & 1) << (bits - 1 - bit)
    re[reversed] = samples[i]!
  }
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      const [cos, sin] = [Math.cos((Math.PI * k) / half), -Math.sin((Math.PI * k) / half)]
      for (let a = k; a < size; a += 2 * half) {
        const b = a + half
        const [x, y] = [re[b]! * cos - im[b]! * sin, re[b]! * sin + im[b]! * cos]
        re[b] = re[a]! - x
        im[b] = im[a]! - y
        re[a]! += x
        im[a]! += y
      }
    }
  }
  return Float64Array.from({ length: size / 2 + 1 }, (_, k) => re[k]! ** 2 + im[k]! ** 2)
}
