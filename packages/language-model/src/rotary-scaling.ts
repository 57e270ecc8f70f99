/**
 * How a model stretches its rotary angles to reach further than it was first trained: Hugging Face's `rope_type`.
 *
 * Left out, and refused: longrope, proportional and multi-axis rotations, which no family here uses.
 *
 * @see https://huggingface.co/docs/transformers/internal/rope_utils
 */
import { configInvalid, configUnsupported, count, type Fields, flag, positive } from './config-fields.ts'

export type RotaryScaling =
  | { kind: 'linear'; factor: number }
  /** Stretches only beyond `maxPositions`, where nothing is computed here: up to there it changes nothing. */
  | { kind: 'dynamic'; factor: number }
  | {
      kind: 'llama3'
      factor: number
      lowFrequencyFactor: number
      highFrequencyFactor: number
      trainedPositions: number
    }
  | {
      kind: 'yarn'
      factor: number
      /** Cosines and sines are multiplied by it. */
      attentionFactor: number
      /** Pairs that turn more often than this within `trainedPositions` are left alone. */
      betaFast: number
      /** Pairs that turn less often than this are slowed down by `factor`. */
      betaSlow: number
      /** Whether the borders between the two are rounded to whole pairs. */
      isTruncated: boolean
      trainedPositions: number
    }

const FIELDS = {
  default: [],
  linear: ['factor'],
  dynamic: ['factor'],
  llama3: ['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'],
  yarn: [
    'factor',
    'attention_factor',
    'beta_fast',
    'beta_slow',
    'mscale',
    'mscale_all_dim',
    'truncate',
    'original_max_position_embeddings',
  ],
} as const

/**
 * Reads `rope_parameters` (or, in older files, `rope_scaling`).
 *
 * @returns undefined where nothing is stretched
 * @throws {LanguageModelError} `model.config_invalid`, `model.config_unsupported`
 */
export function parseRotaryScaling(fields: Fields, maxPositions: number): RotaryScaling | undefined {
  const kind = (fields.rope_type ?? fields.type ?? 'default') as keyof typeof FIELDS
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind)) throw configUnsupported('rope_type', kind)
  if ((fields.type ?? kind) !== kind) throw configUnsupported('rope_scaling.type', fields.type)
  const known: readonly string[] = ['rope_type', 'type', 'rope_theta', ...FIELDS[kind]]
  for (const [field, value] of Object.entries(fields)) {
    if (known.includes(field) || value === null || (field === 'partial_rotary_factor' && value === 1)) continue
    throw configUnsupported(`rope_parameters.${field}`.slice(0, 100), value)
  }
  const trainedPositions = () => count(fields, 'original_max_position_embeddings', 16_777_216, maxPositions)
  switch (kind) {
    case 'default':
      return undefined
    case 'linear':
    case 'dynamic':
      return { kind, factor: positive(fields, 'factor') }
    case 'llama3': {
      const lowFrequencyFactor = positive(fields, 'low_freq_factor')
      const highFrequencyFactor = positive(fields, 'high_freq_factor')
      if (highFrequencyFactor <= lowFrequencyFactor) {
        throw configInvalid('high_freq_factor', `above ${lowFrequencyFactor}`, highFrequencyFactor)
      }
      const factor = positive(fields, 'factor')
      return { kind, factor, lowFrequencyFactor, highFrequencyFactor, trainedPositions: trainedPositions() }
    }
    case 'yarn': {
      const factor = positive(fields, 'factor')
      return {
        kind,
        factor,
        attentionFactor: positive(fields, 'attention_factor', yarnAttentionFactor(fields, factor)),
        betaFast: positive(fields, 'beta_fast', 32),
        betaSlow: positive(fields, 'beta_slow', 1),
        isTruncated: flag(fields, 'truncate', true),
        trainedPositions: trainedPositions(),
      }
    }
  }
}

/** The `rope_parameters` that `parseRotaryScaling` reads back. */
export function toRotaryFields(scaling: RotaryScaling): Record<string, unknown> {
  const { kind, factor } = scaling
  switch (kind) {
    case 'linear':
    case 'dynamic':
      return { rope_type: kind, factor }
    case 'llama3':
      return {
        rope_type: kind,
        factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.trainedPositions,
      }
    case 'yarn':
      return {
        rope_type: kind,
        factor,
        attention_factor: scaling.attentionFactor,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        truncate: scaling.isTruncated,
        original_max_position_embeddings: scaling.trainedPositions,
      }
  }
}

/**
 * The angle by which one position turns pair `i`.
 *
 * @param frequency of the pair without scaling: theta^(-2i / headDim)
 */
export function scaledFrequency(
  scaling: RotaryScaling,
  pair: number,
  frequency: number,
  { headDim, ropeTheta }: { headDim: number; ropeTheta: number },
): number {
  const { factor, kind } = scaling
  switch (kind) {
    case 'linear':
      return frequency / factor
    case 'dynamic':
      return frequency
    case 'llama3': {
      const turns = (scaling.trainedPositions * frequency) / (2 * Math.PI)
      const { highFrequencyFactor: high, lowFrequencyFactor: low } = scaling
      const kept = clamp((turns - low) / (high - low))
      return (1 - kept) * (frequency / factor) + kept * frequency
    }
    case 'yarn': {
      // The pair, as a fraction, that turns so many times within the positions of training.
      const pairOfTurns = (turns: number) =>
        (headDim * Math.log(scaling.trainedPositions / (turns * 2 * Math.PI))) / (2 * Math.log(ropeTheta))
      const [first, last] = [pairOfTurns(scaling.betaFast), pairOfTurns(scaling.betaSlow)]
      const low = Math.max(scaling.isTruncated ? Math.floor(first) : first, 0)
      const high = Math.min(scaling.isTruncated ? Math.ceil(last) : last, headDim - 1)
      const slowed = clamp((pair - low) / (low === high ? 0.001 : high - low))
      return slowed * (frequency / factor) + (1 - slowed) * frequency
    }
  }
}

/** @see Peng et al. 2023, "YaRN", section 3.4, arXiv:2309.00071; mscale is DeepSeek's addition */
function yarnAttentionFactor(fields: Fields, factor: number): number {
  const scale = (weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1)
  // Zero counts as left out, as in transformers.
  if (!fields.mscale || !fields.mscale_all_dim) return scale(1)
  return scale(positive(fields, 'mscale')) / scale(positive(fields, 'mscale_all_dim'))
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
