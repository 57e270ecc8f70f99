/**
 * Checks an answer by computing it again.
 *
 * First the prompt and the answer are read in one pass, which costs about a sixth of generating: every token must be the
 * one that its logits and the seed give. Reading and generating group their sums differently, so their logits may differ
 * in the last bits; where that turns a near tie, the answer is generated again exactly as the node generates, and that
 * decides. So an honest answer always matches, and what matches is what the model gives, up to such ties.
 */
import type { Adapter } from '@openledger/language-model'
import { Answer } from './answer.ts'
import type { Spelling } from './generation-batch.ts'
import { areLogprobsOf, type TokenLogprobs } from './logprobs.ts'
import type { AnswerRequest, Generation, Replay } from './request.ts'
import { PREFILL_TOKENS, type ServingModel, type ServingRows } from './serving-model.ts'
import { TokenChooser } from './token-chooser.ts'

export async function replay(
  model: ServingModel,
  adapter: Adapter | null,
  request: AnswerRequest,
  given: Generation,
  spelling: Spelling,
): Promise<Replay> {
  const impossible = findImpossible(model, request, given)
  if (impossible !== null) return impossible
  const constraint = request.jsonSchema === undefined ? null : spelling.constraintOf(request.jsonSchema)
  const chooser = () => new TokenChooser(request, constraint)
  const rows = model.rows(1)
  rows.adapters.fill(0, request.adapterKey, adapter)
  if (!(await readAnswer(model, rows, request, given, chooser()))) {
    const exact = await generateAnswer(model, rows, request, given, chooser())
    if (exact !== null) return exact
  }
  return checkEnding(request, given, spelling)
}

/** What no honest node can have given, and what would break the graph: tokens that do not exist, or beyond the context. */
function findImpossible({ config }: ServingModel, request: AnswerRequest, given: Generation): Replay | null {
  const { logprobs, tokenIds } = given
  const position = tokenIds.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= config.vocabSize)
  if (position !== -1) {
    const expected = `below ${config.vocabSize}`
    return { matches: false, position, reason: 'token', expected, found: String(tokenIds[position]) }
  }
  const room = config.maxPositions - request.promptTokenIds.length
  if (tokenIds.length > room) {
    const [expected, found] = [`at most ${room} tokens`, `${tokenIds.length} tokens`]
    return { matches: false, position: Math.max(room, 0), reason: 'finish', expected, found }
  }
  const wanted = request.topLogprobs === undefined ? 0 : tokenIds.length
  if ((logprobs?.length ?? 0) === wanted) return null
  const [expected, found] = [`${wanted} entries`, `${logprobs?.length ?? 0} entries`]
  return { matches: false, position: 0, reason: 'logprobs', expected, found }
}

/** Whether a single pass gives these tokens, and these logprobs. */
async function readAnswer(
  model: ServingModel,
  rows: ServingRows,
  request: AnswerRequest,
  given: Generation,
  chooser: TokenChooser,
): Promise<boolean> {
  // The last token is never read: nothing follows it.
  const sequence = [...request.promptTokenIds, ...given.tokenIds.slice(0, -1)]
  const { vocabSize } = model.config
  for (let start = 0; start < sequence.length; start += PREFILL_TOKENS) {
    const part = sequence.slice(start, start + PREFILL_TOKENS)
    const all = await model.stepAll(rows, promptStep(rows, part, start)) // [1, PREFILL_TOKENS, vocab]
    for (let i = 0; i < part.length; i++) {
      const position = start + i + 1 - request.promptTokenIds.length
      if (position < 0) continue
      const logits = all.subarray(i * vocabSize, (i + 1) * vocabSize)
      const token = given.tokenIds[position]!
      if (chooser.choose(logits) !== token) return false
      if (!areClose(request, given.logprobs?.[position], logits, token)) return false
      chooser.push(token)
    }
  }
  return true
}

/** Generates step by step, fed with the given tokens; null when all of them come out. */
async function generateAnswer(
  model: ServingModel,
  rows: ServingRows,
  request: AnswerRequest,
  given: Generation,
  chooser: TokenChooser,
): Promise<Replay | null> {
  const prompt = request.promptTokenIds
  let logits: Float32Array = new Float32Array()
  for (let start = 0; start < prompt.length; start += PREFILL_TOKENS) {
    logits = await model.step(rows, promptStep(rows, prompt.slice(start, start + PREFILL_TOKENS), start))
  }
  for (const [position, found] of given.tokenIds.entries()) {
    if (position > 0) {
      const length = prompt.length + position - 1
      rows.cache.fit(length + 1, [length])
      const tokenIds = Int32Array.of(given.tokenIds[position - 1]!)
      logits = await model.step(rows, { first: 0, tokenIds, counts: [1], lengths: [length] })
    }
    const expected = chooser.choose(logits)
    if (expected !== found) {
      return { matches: false, position, reason: 'token', expected: String(expected), found: String(found) }
    }
    const stated = given.logprobs?.[position]
    if (!areClose(request, stated, logits, found)) {
      const own = chooser.logprobs(logits, found)
      return {
        matches: false,
        position,
        reason: 'logprobs',
        expected: JSON.stringify(own),
        found: JSON.stringify(stated),
      }
    }
    chooser.push(found)
  }
  return null
}

function areClose(
  { topLogprobs }: AnswerRequest,
  stated: TokenLogprobs | undefined,
  logits: Float32Array,
  tokenId: number,
): boolean {
  if (topLogprobs === undefined) return true
  return stated !== undefined && areLogprobsOf(stated, logits, tokenId, topLogprobs)
}

function promptStep(rows: ServingRows, part: readonly number[], start: number): ServingModel.Step {
  rows.cache.fit(start + part.length, [start])
  const tokenIds = new Int32Array(PREFILL_TOKENS)
  tokenIds.set(part)
  return { first: 0, tokenIds, counts: [part.length], lengths: [start] }
}

/** The tokens being right, the answer must also end where the rule ends it, and read as they do. */
function checkEnding({ maxTokens, stop }: AnswerRequest, given: Generation, { decode, endIds }: Spelling): Replay {
  const answer = new Answer({ decode, endIds, maxTokens, stop })
  for (const [position, tokenId] of given.tokenIds.entries()) {
    if (answer.finishReason !== undefined) {
      return { matches: false, position, reason: 'finish', expected: answer.finishReason, found: 'more tokens' }
    }
    answer.push(tokenId)
  }
  // An answer that was broken off ends anywhere: it is right as far as it goes.
  if (given.finishReason === 'cancelled' && given.tokenIds.length > 0) answer.cancel()
  const position = given.tokenIds.length
  if (answer.finishReason !== given.finishReason) {
    const expected = answer.finishReason ?? 'more tokens'
    return { matches: false, position, reason: 'finish', expected, found: given.finishReason }
  }
  if (answer.text !== given.text) {
    return { matches: false, position, reason: 'text', expected: answer.text, found: given.text }
  }
  return { matches: true, tokens: given.tokenIds.length }
}
