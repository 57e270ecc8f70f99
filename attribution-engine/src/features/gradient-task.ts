/** What a gradient worker is asked and what it answers: plain data that can cross a process's border. */
import type { AdapterWeights, LoraConfig, ModelConfig, ModelWeights } from '@openledger/language-model'
import { OpenLedgerError } from '@openledger/protocol'
import type { Sequence } from './gradient-source.ts'
import type { QuantisedLayer } from './quantise.ts'
import type { FeatureSettings } from './seed-features.ts'

export type WorkerModel = { config: ModelConfig; weights: ModelWeights }

/** Adapters by the CID of their checkpoint, in the order of the layers. */
export type Checkpoints = ReadonlyMap<string, AdapterWeights>

export type SeedFeaturesTask = {
  kind: 'seed-features'
  lora: LoraConfig
  checkpoints: Checkpoints
  sequences: readonly Sequence[]
  /** Decides the sampled labels. */
  seed: number
  settings: FeatureSettings
}

export type AnswerFeaturesTask = {
  kind: 'answer-features'
  lora: LoraConfig
  checkpoints: Checkpoints
  answer: Sequence
}

export type GradientTask = SeedFeaturesTask | AnswerFeaturesTask

export type GradientResult<T extends GradientTask> = T extends SeedFeaturesTask ? QuantisedLayer[] : Int8Array

/** First the model, once; then tasks. */
export type WorkerMessage = { kind: 'model'; model: WorkerModel } | { kind: 'task'; id: number; task: GradientTask }

export type WorkerReply = { id: number; result: QuantisedLayer[] | Int8Array } | { id: number; error: WorkerError }

export type WorkerError = OpenLedgerError.Report | { message: string }

/** An error as plain data; a process's border would strip a class of its fields. */
export function packError(error: unknown): WorkerError {
  if (error instanceof OpenLedgerError) return error.toJSON()
  return { message: error instanceof Error ? error.message : String(error) }
}

export function unpackError(error: WorkerError): Error {
  if (!('code' in error)) return new Error(`The gradient worker failed: ${error.message}`)
  const { code, message, facts, nextStep, retryable } = error
  return new OpenLedgerError(code, message, { facts, nextStep, retryable })
}
