/**
 * An answer's own gradients as integers: one int8 vector a layer (seed and checkpoint), in the order of the features'
 * layers. Each vector has its own power-of-two scale, which is not kept: a score divides by the vector's integer norm, so
 * that every layer weighs alike and the scale drops out.
 */
import { OpenLedgerError } from '@openledger/protocol'
import { type GradientSource, refuseNotFinite, type Sequence } from '../features/gradient-source.ts'

/**
 * Rounds a gradient to int8 with the power-of-two scale that brings its largest coordinate to 64 … 127.
 * Rounding is to the nearest integer, halves towards +infinity. A zero gradient stays zero.
 */
export function quantiseGradient(gradient: Float32Array): Int8Array {
  let largest = 0
  for (const value of gradient) largest = Math.max(largest, Math.abs(value))
  if (largest === 0) return new Int8Array(gradient.length)
  let scale = 2 ** Math.floor(Math.log2(127 / largest))
  // log2 is rounded: one step either way makes the choice exact on every machine.
  if (largest * scale * 2 <= 127) scale *= 2
  if (largest * scale > 127) scale /= 2
  return Int8Array.from(gradient, (value) => Math.round(value * scale))
}

/**
 * @param checkpoints CID of the checkpoint of each layer
 * @returns [layers][parameters], as it is published
 * @throws influence.not_finite
 */
export async function computeAnswerFeatures(
  source: GradientSource,
  checkpoints: readonly string[],
  answer: Sequence,
): Promise<Int8Array> {
  const features = new Int8Array(checkpoints.length * source.parameters)
  for (const [layer, checkpoint] of checkpoints.entries()) {
    const gradient = await source.gradients(checkpoint, [answer])
    refuseNotFinite(gradient, source.parameters, `the answer under checkpoint ${checkpoint}`)
    features.set(quantiseGradient(gradient), layer * source.parameters)
  }
  return features
}

/**
 * Reads published answer features.
 * @throws influence.answer_features_length unless the bytes are [layers][parameters]
 */
export function readAnswerFeatures(bytes: Uint8Array, layers: number, parameters: number): Int8Array {
  if (bytes.length !== layers * parameters) {
    throw new OpenLedgerError('influence.answer_features_length', 'The answer’s features do not fit the adapter’s.', {
      facts: { bytes: bytes.length, layers, parameters, expected: layers * parameters },
      nextStep: 'Use the answer features that the evidence names, with the features manifest that it names.',
    })
  }
  return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}
