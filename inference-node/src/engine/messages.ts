import type { Adapter, Projection, ReadModelFile } from '@openledger/language-model'
import { type Digest, OpenLedgerError } from '@openledger/protocol'
import type { AnswerRequest, Generation, Replay } from './request.ts'

/** What a base model is made of: Hugging Face's files by name. */
export type ModelFiles = Readonly<Record<string, Uint8Array>>

export type EngineOptions = {
  /** Highest rank of an adapter. */
  rank: number
  /** Projections that adapters may change. */
  targets: readonly Projection[]
  /** Requests that are answered at the same time. */
  maxRows: number
  /** Threads within one operator; answers do not depend on it. */
  threads: number
}

export type WorkerData = { files: ModelFiles; options: EngineOptions }

/** From the node to its engine's thread. */
export type ToWorker =
  | { kind: 'load'; key: string; adapter: Adapter }
  | { kind: 'unload'; key: string }
  | { kind: 'generate'; id: number; request: AnswerRequest }
  | { kind: 'cancel'; id: number }
  | { kind: 'replay'; id: number; request: AnswerRequest; given: Generation }
  | { kind: 'close' }

/** And back. */
export type FromWorker =
  | { kind: 'ready'; graphDigest: Digest }
  | { kind: 'refused'; report: OpenLedgerError.Report }
  | { kind: 'text'; id: number; text: string }
  | { kind: 'done'; id: number; generation: Generation }
  | { kind: 'replayed'; id: number; replay: Replay }
  | { kind: 'failed'; id: number; report: OpenLedgerError.Report }
  | { kind: 'load'; activeRows: number; waitingRows: number; steps: number; tokens: number }

/** Files in memory as language-model reads them. */
export function readFrom(files: ModelFiles): ReadModelFile {
  return async (name) => {
    const bytes = files[name]
    if (bytes !== undefined) return bytes
    throw new OpenLedgerError('model.file_missing', 'The model lacks a file that it needs.', {
      facts: { file: name, files: Object.keys(files).join(', ') },
      nextStep: 'Publish the model again with all of its files.',
    })
  }
}
