import { PROJECTIONS } from '@openledger/language-model'
import {
  type AnswerReceipt,
  cidOfDigest,
  jsonDigest,
  OpenLedgerError,
  parseManifest,
  RequestTranscript,
  ResponseTranscript,
  receiptHash,
  receiptSigner,
  type SignedReceipt,
} from '@openledger/protocol'
import type { TypedDataDomain } from 'ethers'
import { z } from 'zod'
import type { ModelDirectory } from '../adapters/model-directory.ts'
import { ModelHost } from '../adapters/model-host.ts'
import { answerRequestOf, generationOf, type Replay } from '../engine/request.ts'

/** What is read of the engine facts that a receipt's `engineHash` names. */
const Facts = z.object({
  kind: z.literal('openledger/engine@1'),
  adapterRank: z.int().min(1).max(256),
  adapterTargets: z.array(z.enum(PROJECTIONS)).min(1),
})

/**
 * Checks answers of any node by computing them again, from the chain and the content store alone. An engine is opened as
 * the receipt's `engineHash` describes it; if what opens has another hash (another version of the runtime, another kind
 * of processor), the answer cannot be judged here, and the verdict says so.
 */
export class Auditor {
  readonly #parts: Auditor.Parts
  readonly #hosts = new Map<string, Promise<ModelHost>>()

  constructor(parts: Auditor.Parts) {
    this.#parts = parts
  }

  /** @throws content.missing when the transcripts were never published, and what fetching the model throws */
  async audit(signed: SignedReceipt): Promise<Verdict> {
    const { content, domain } = this.#parts
    const { receipt } = signed
    const hasOwnHash = receiptHash(domain, receipt) === signed.receiptHash
    if (!hasOwnHash || !isSignedByNode(domain, signed)) return { matches: false, reason: 'signature' }
    const request = parseManifest(RequestTranscript, await content.get(cidOfDigest(receipt.requestHash)), 'request')
    const response = parseManifest(ResponseTranscript, await content.get(cidOfDigest(receipt.responseHash)), 'response')
    return this.judge(receipt, request, response)
  }

  /** The same for somebody who has checked the receipt's signature and has its transcripts at hand. */
  async judge(receipt: AnswerReceipt, request: RequestTranscript, response: ResponseTranscript): Promise<Verdict> {
    const isOfReceipt = jsonDigest(request) === receipt.requestHash && jsonDigest(response) === receipt.responseHash
    if (!isOfReceipt) return { matches: false, reason: 'transcripts' }
    if (request.modelId !== receipt.modelId) return { matches: false, reason: 'model' }
    const isCounted =
      receipt.promptTokens === String(request.promptTokenIds.length) &&
      receipt.completionTokens === String(response.tokenIds.length)
    if (!isCounted) return { matches: false, reason: 'counts' }

    const host = await this.#host(receipt.baseModelId, receipt.engineHash)
    const { engine } = host
    if (engine.engineHash !== receipt.engineHash) {
      return { matches: false, reason: 'engine', expected: receipt.engineHash, found: engine.engineHash }
    }
    const promptTokenIds = [engine.tokenizer.bosId, ...engine.tokenizer.encode(request.prompt)]
    if (promptTokenIds.join() !== request.promptTokenIds.join()) return { matches: false, reason: 'prompt' }
    const model = await host.resolve(receipt.modelId)
    const { adapterKey, release } = await host.acquire(model)
    try {
      if (request.embed === true) {
        const matches = (await engine.embed({ promptTokenIds, adapterKey })) === response.embedding
        return matches ? { matches, tokens: 0 } : { matches, reason: 'embedding' }
      }
      return await engine.replay(answerRequestOf(request, adapterKey), generationOf(response))
    } finally {
      release()
    }
  }

  async close(): Promise<void> {
    for (const host of this.#hosts.values()) await (await host.catch(() => undefined))?.close()
  }

  #host(baseId: string, engineHash: string): Promise<ModelHost> {
    const key = `${baseId} ${engineHash}`
    const host = this.#hosts.get(key) ?? this.#open(baseId, engineHash as `0x${string}`)
    this.#hosts.set(key, host)
    return host
  }

  async #open(baseId: string, engineHash: `0x${string}`): Promise<ModelHost> {
    const { content, directory, threads = 1 } = this.#parts
    const facts = parseManifest(Facts, await content.get(cidOfDigest(engineHash)), 'engine facts')
    await directory.refresh()
    const base = directory.find(baseId, baseId)
    if (base === undefined) {
      throw new OpenLedgerError('audit.base_unknown', 'The base model of this receipt is not on this chain.', {
        facts: { base: baseId },
        nextStep: 'Audit with the deployment that the receipt was signed for.',
      })
    }
    const engine = { rank: facts.adapterRank, targets: facts.adapterTargets, maxRows: 1, threads }
    return ModelHost.start(base, { directory, content, engine, adapterBytes: 256 * 1024 * 1024 })
  }
}

/** `engine` is no accusation: the answer cannot be judged on this machine. All other reasons are the node's fault. */
export type Verdict =
  | Replay
  | { matches: false; reason: 'signature' | 'transcripts' | 'model' | 'counts' | 'prompt' | 'embedding' }
  | { matches: false; reason: 'engine'; expected: string; found: string }

export declare namespace Auditor {
  type Parts = {
    directory: ModelDirectory
    content: { get(cid: string): Promise<Uint8Array> }
    /** EIP-712 domain of the escrow. */
    domain: TypedDataDomain
    threads?: number
  }
}

function isSignedByNode(domain: TypedDataDomain, signed: SignedReceipt): boolean {
  try {
    return receiptSigner(domain, signed) === signed.receipt.node
  } catch {
    return false
  }
}
