import { randomInt } from 'node:crypto'
import type { ContentStore } from '@openledger/content-store'
import {
  type AnswerReceipt,
  cidOfDigest,
  type Evidence,
  parseManifest,
  RequestTranscript,
  ResponseTranscript,
} from '@openledger/protocol'
import type { PayableAnswer } from '../epochs/read-answers.ts'
import type { PublishedFeatures } from '../features/load-features.ts'
import { readAnswerFeatures } from '../influence/answer-features.ts'
import type { Findings } from './findings.ts'
import type { CheckedModel } from './recompute-evidence.ts'

/** An answer as it was asked and given. */
export type Transcript = { receipt: AnswerReceipt; request: RequestTranscript; response: ResponseTranscript }

/** Whether the model, asked again, gives the very same tokens. */
export type Replay = (
  request: RequestTranscript,
  response: ResponseTranscript,
  receipt: AnswerReceipt,
) => Promise<boolean>

/** The answer's gradients computed anew: [layers, parameters], quantised as they are published. */
export type Gradients = (transcript: Transcript, features: PublishedFeatures) => Promise<Int8Array>

/**
 * Smallest cosine between a published and a recomputed gradient, in parts per thousand. Float sums differ between kinds of
 * processors in their last bits, which moves a few coordinates by one step of int8; another answer's gradient is nowhere near.
 */
export const GRADIENT_COSINE_PER_MILLE = 990n

async function readTranscript(receipt: AnswerReceipt, content: Pick<ContentStore, 'get'>): Promise<Transcript> {
  const request = await content.get(cidOfDigest(receipt.requestHash))
  const response = await content.get(cidOfDigest(receipt.responseHash))
  return {
    receipt,
    request: parseManifest(RequestTranscript, request, 'request'),
    response: parseManifest(ResponseTranscript, response, 'response'),
  }
}

/** What receipt and transcript both state must agree, whether or not the answer is computed again. */
function checkTranscript({ receipt, request, response }: Transcript, { report }: Findings.Open): void {
  const pairs: [string, string | number, string | number][] = [
    ['modelId', receipt.modelId, request.modelId],
    ['promptTokens', receipt.promptTokens, String(request.promptTokenIds.length)],
    ['completionTokens', receipt.completionTokens, String(response.tokenIds.length)],
  ]
  for (const [member, stated, transcript] of pairs) {
    if (stated === transcript) continue
    report('verify.transcript_differs', 'A receipt states something else than its transcript.', {
      requestHash: receipt.requestHash,
      member,
      stated,
      transcript,
    })
  }
}

/** Computes a random sample of answers again: their tokens by `replay`, their gradients by `gradients`. */
export async function checkSamples(
  sample: readonly PayableAnswer[],
  recompute: { replay?: Replay | undefined; gradients?: Gradients | undefined },
  evidence: ReadonlyMap<string, Evidence>,
  models: ReadonlyMap<string, CheckedModel>,
  content: Pick<ContentStore, 'get'>,
  findings: Findings,
): Promise<{ replayed: number; gradientsRecomputed: number }> {
  const { replay, gradients } = recompute
  const transcripts = new Map<string, Transcript>()
  await findings.check('transcripts of the sample are what their receipts name', async (open) => {
    for (const { receiptHash, receipt } of sample) {
      const transcript = await readTranscript(receipt, content)
      checkTranscript(transcript, open)
      transcripts.set(receiptHash, transcript)
    }
    open.facts.answers = transcripts.size
  })
  let replayed = 0
  let gradientsRecomputed = 0
  if (replay !== undefined) {
    await findings.check('the model, asked again, gives the sample’s answers', async ({ facts, report }) => {
      for (const [receiptHash, { request, response, receipt }] of transcripts) {
        replayed += 1
        if (await replay(request, response, receipt)) continue
        report('verify.answer_differs', 'The model, asked again, does not give this answer.', { receiptHash })
      }
      facts.answers = replayed
    })
  }
  if (gradients !== undefined) {
    await findings.check('the sample’s gradients are those of their models', async (open) => {
      for (const { receiptHash, modelId } of sample) {
        const [transcript, stated, model] = [
          transcripts.get(receiptHash),
          evidence.get(receiptHash),
          models.get(modelId),
        ]
        if (transcript === undefined || stated === undefined || model === undefined) continue // reported already
        await checkGradients(transcript, stated, model.published, gradients, content, open)
        gradientsRecomputed += 1
      }
      open.facts.answers = gradientsRecomputed
    })
  }
  return { replayed, gradientsRecomputed }
}

async function checkGradients(
  transcript: Transcript,
  { receiptHash, answerFeatures }: Evidence,
  features: PublishedFeatures,
  gradients: Gradients,
  content: Pick<ContentStore, 'get'>,
  { report }: Findings.Open,
): Promise<void> {
  const { parameters, layers } = features.manifest
  const published = readAnswerFeatures(await content.get(answerFeatures), layers.length, parameters)
  const computed = await gradients(transcript, features)
  for (const [index, { seed, checkpoint }] of layers.entries()) {
    const part = [index * parameters, (index + 1) * parameters] as const
    if (isAlike(published.subarray(...part), computed.subarray(...part))) continue
    report('verify.gradient_differs', 'An answer’s published gradient is not the one that its model gives.', {
      receiptHash,
      seed,
      checkpoint,
    })
  }
}

/** cos(a, b) >= GRADIENT_COSINE_PER_MILLE / 1000, in integers; two zero vectors are alike. */
function isAlike(a: Int8Array, b: Int8Array): boolean {
  const product = (x: Int8Array, y: Int8Array) => {
    let sum = 0 // exact: at most 2^14 a coordinate
    for (let p = 0; p < x.length; p++) sum += x[p]! * y[p]!
    return BigInt(sum)
  }
  if (a.length !== b.length) return false
  const [aa, bb, ab] = [product(a, a), product(b, b), product(a, b)]
  if (aa === 0n || bb === 0n) return aa === bb
  return ab > 0n && ab * ab * 1_000_000n >= GRADIENT_COSINE_PER_MILLE ** 2n * aa * bb
}

/** `count` different ones of `list`, so chosen that nobody can foresee which. */
export function sampleOf<T>(list: readonly T[], count: number): T[] {
  const rest = [...list]
  const chosen: T[] = []
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(randomInt(rest.length), 1))
  return chosen
}
