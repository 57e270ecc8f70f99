/** A head as files: `head.json` says what it reads and tells apart, `model.safetensors` has its numbers. */
import { readSafetensors, storeTensor, toFiniteFloat32, writeSafetensors } from '@openledger/language-model'
import { z } from 'zod'
import { TrainingError } from '../error.ts'
import { EXTRACTORS, type HeadKind } from './features/extractors.ts'
import { type FittedHead, standardised } from './fit-head.ts'
import { softmaxProbabilities } from './softmax-regression.ts'

const HeadConfig = z.object({
  kind: z.enum(['image-head', 'audio-head', 'text-head']),
  extractor: z.string(),
  dimensions: z.int().min(1).max(1_000_000),
  classes: z.array(z.string().min(1).max(128)).min(2).max(10_000),
})

export function writeHead(
  kind: HeadKind,
  head: FittedHead,
): { config: z.infer<typeof HeadConfig>; weights: Uint8Array } {
  const { classes, dimensions } = head
  return {
    config: { kind, extractor: EXTRACTORS[kind].name, dimensions, classes },
    weights: writeSafetensors(
      new Map([
        ['head.weight', storeTensor(head.weights, [classes.length, dimensions], 'F32')],
        ['head.bias', storeTensor(head.bias, [classes.length], 'F32')],
        ['features.mean', storeTensor(head.mean, [dimensions], 'F32')],
        ['features.deviation', storeTensor(head.deviation, [dimensions], 'F32')],
      ]),
    ),
  }
}

/** The features of all records, for attribution: `features` [records, dimensions]. */
export function writeFeatures({ features, dimensions }: FittedHead): Uint8Array {
  const shape = [features.length / dimensions, dimensions]
  return writeSafetensors(new Map([['features', storeTensor(features, shape, 'F32')]]))
}

export type Head = {
  classes: string[]
  /** @returns the probability of each class @throws {TrainingError} `training.record_invalid` */
  classify(content: Uint8Array): { label: string; probabilities: Record<string, number> }
}

/** @throws {TrainingError} `training.head_invalid`; or an error of the safetensors reader */
export async function openHead(read: (name: string) => Promise<Uint8Array>): Promise<Head> {
  const { classes, dimensions, extractor: name, kind } = parseConfig(await read('head.json'))
  const extractor = EXTRACTORS[kind]
  if (extractor.name !== name || extractor.dimensions !== dimensions) {
    throw invalid('its features are not those that are computed here', { extractor: name, known: extractor.name })
  }
  const { tensors } = readSafetensors(await read('model.safetensors'))
  const tensor = (key: string, shape: readonly number[]) => {
    const stored = tensors.get(key)
    if (stored?.shape.join() === shape.join()) return toFiniteFloat32(key, stored)
    throw invalid('a tensor is missing or of another shape', { tensor: key, expected: shape.join(' x ') })
  }
  const weights = tensor('head.weight', [classes.length, dimensions])
  const bias = tensor('head.bias', [classes.length])
  const mean = tensor('features.mean', [dimensions])
  const deviation = tensor('features.deviation', [dimensions])
  const matrix = new Float64Array(classes.length * (dimensions + 1))
  for (let k = 0; k < classes.length; k++) {
    matrix.set(weights.subarray(k * dimensions, (k + 1) * dimensions), k * (dimensions + 1))
    matrix[k * (dimensions + 1) + dimensions] = bias[k]!
  }
  return {
    classes,
    classify(content) {
      const features = standardised(Float32Array.from(extractor.extract(content)), [0], { mean, deviation })
      const shape = { features, records: 1, dimensions: dimensions + 1, classes: classes.length }
      const probabilities = softmaxProbabilities(shape, matrix)
      return {
        label: classes[probabilities.indexOf(Math.max(...probabilities))]!,
        probabilities: Object.fromEntries(classes.map((label, k) => [label, probabilities[k]!])),
      }
    },
  }
}

function parseConfig(bytes: Uint8Array): z.infer<typeof HeadConfig> {
  try {
    return HeadConfig.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (cause) {
    throw invalid('its head.json is not one', { bytes: bytes.length }, cause)
  }
}

function invalid(why: string, facts: Record<string, string | number>, cause?: unknown): TrainingError {
  return new TrainingError('training.head_invalid', `This head cannot be opened: ${why}.`, {
    facts,
    nextStep: 'Use the files of one head as it was published.',
    cause,
  })
}
