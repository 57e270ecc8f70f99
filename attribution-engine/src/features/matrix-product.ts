import { floats, floatsOf, GraphBuilder, openSession } from '@openledger/language-model'

/** Large float32 products, row-major. */
export type MatrixProduct = {
  /** @param a [n, inner] @param b [m, inner] @returns a · bᵀ [n, m] */
  timesTransposed(a: Float32Array, b: Float32Array, inner: number): Promise<Float32Array>
  /** @param a [n, inner] @param b [inner, m] @returns a · b [n, m] */
  times(a: Float32Array, b: Float32Array, inner: number): Promise<Float32Array>
}

/**
 * Products by ONNX Runtime, some forty times as fast as loops over typed arrays. They run on the calling thread.
 * @param threads within one product
 */
export async function createMatrixProduct(threads = 1): Promise<MatrixProduct> {
  const [plain, transposed] = await Promise.all([
    openSession(productGraph(false), { threads }),
    openSession(productGraph(true), { threads }),
  ])
  async function run(session: typeof plain, a: Float32Array, b: Float32Array, shapes: [number[], number[]]) {
    return floatsOf(await session.run({ a: floats(a, shapes[0]), b: floats(b, shapes[1]) }), 'product')
  }
  return {
    timesTransposed: (a, b, inner) =>
      run(transposed, a, b, [
        [a.length / inner, inner],
        [b.length / inner, inner],
      ]),
    times: (a, b, inner) =>
      run(plain, a, b, [
        [a.length / inner, inner],
        [inner, b.length / inner],
      ]),
  }
}

function productGraph(transposeB: boolean): Uint8Array {
  const graph = new GraphBuilder()
  const a = graph.input('a', 'float32', ['n', 'k'])
  const b = graph.input('b', 'float32', transposeB ? ['m', 'k'] : ['k', 'm'])
  const product = graph.fusedOp('FusedMatMul', [a, b], { transB: transposeB ? 1 : 0 })
  graph.output('product', product, 'float32', ['n', 'm'])
  return graph.build()
}
