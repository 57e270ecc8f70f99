/**
 * ONNX Runtime sessions as everything here opens them.
 *
 * `run()` computes on the calling thread although it returns a promise: a server or a long job belongs in a worker.
 */
import { env, InferenceSession, Tensor } from 'onnxruntime-node'

/** What computes: results are promised to be the same bits on this and on no other version. */
export const RUNTIME = `onnxruntime-node ${env.versions.node}`

export type SessionOptions = {
  /** Threads within an operator. The result's bits do not depend on it for the serving graph. */
  threads?: number
}

export function openSession(model: Uint8Array, { threads = 1 }: SessionOptions = {}): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Waiting threads sleep: on a machine shared with others, spinning ones would take the cores that work needs.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
}

export function floats(values: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor('float32', values, dims)
}

export function integers(values: Int32Array, dims: readonly number[]): Tensor {
  return new Tensor('int32', values, dims)
}

/** The float elements of an output. */
export function floatsOf(outputs: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  return outputs[name]!.data as Float32Array
}
