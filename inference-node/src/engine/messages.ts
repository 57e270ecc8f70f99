import type { Projection, ReadModelFile } from '@openledger/language-model'
import { type Digest, OpenLedgerError } from '@openledger/protocol'
import type { EmbedRequest } from './embed.ts'
import type { GenerationBatch, Piece, Timing } from './generation-batch.ts'
import type { PackedAdapter } from './packed-adapter.ts'
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
  /** Tokens, prompts and whole answers, that requests under way may come to hold together; left out, no limit. */
  batchTokens?: number
  /** Memory for beginnings of prompts that were read before; left out, none. */
  prefixBytes?: number
}

/** What the thread says about its work; sums count from its start. */
export type EngineLoad = {
  activeRows: number
  waitingRows: number
  steps: number
  /** Rows of all steps: divided by the steps, the size of the batch. */
  rowSteps: number
  /** Tokens of answers. */
  tokens: number
  /** Prompt tokens that need not be read again. */
  reusedTokens: number
}

export type WorkerData = { files: ModelFiles; options: EngineOptions }

/** From the node to its engine's thread. */
export type ToWorker =
  | { kind: 'load'; key: string; adapter: PackedAdapter }
  | { kind: 'unload'; key: string }
  | { kind: 'generate'; id: number; request: AnswerRequest; terms: GenerationBatch.Terms }
  | { kind: 'cancel'; id: number }
  | { kind: 'replay'; id: number; request: AnswerRequest; given: Generation }
  | { kind: 'embed'; id: number; request: EmbedRequest }
  | { kind: 'close' }

/** And back. */
export type FromWorker =
  | { kind: 'ready'; graphDigest: Digest }
  | { kind: 'refused'; report: OpenLedgerError.Report }
  | { kind: 'piece'; id: number; piece: Piece }
  | { kind: 'done'; id: number; generation: Generation; timing: Timing }
  | { kind: 'replayed'; id: number; replay: Replay }
  | { kind: 'embedded'; id: number; embedding: string }
  | { kind: 'failed'; id: number; report: OpenLedgerError.Report }
  | { kind: 'load'; load: EngineLoad }

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
