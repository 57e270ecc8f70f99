import type { Adapter } from '@openledger/language-model'
import { GenerationBatch } from '../../inference-node/src/engine/generation-batch.ts'
import type { AnswerRequest } from '../../inference-node/src/engine/request.ts'
import type { ServingModel } from '../../inference-node/src/engine/serving-model.ts'

/** Which requests may be answered together. `same`: those of one adapter, which is llama.cpp's rule. */
export type Policy = 'any' | 'same' | 'one'

/** Time of this process's processors, in seconds: what others do on the machine does not count. */
export function cpuSeconds(): number {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1e6
}

/** Answers all requests, which come at once. @returns tokens of answers, and the processor time that they took */
export async function serveRequests(
  model: ServingModel,
  requests: readonly AnswerRequest[],
  policy: Policy,
  adapterOf: (key: string) => Adapter,
): Promise<{ tokens: number; cpuS: number }> {
  const maxRows = policy === 'one' ? 1 : 32
  const spelling = {
    decode: () => '',
    endIds: [],
    constraintOf: () => {
      throw new Error('nobody asks for a schema')
    },
  }
  const batch = new GenerationBatch(model, { maxRows, adapterOf, spelling })
  let tokens = 0
  const listener: GenerationBatch.Listener = {
    piece: () => undefined,
    done: ({ tokenIds }) => {
      tokens += tokenIds.length
    },
    failed: (error) => {
      throw error
    },
  }
  const beganS = cpuSeconds()
  for (const together of policy === 'same' ? byAdapter(requests) : [requests]) {
    for (const request of together) batch.add(request, listener)
    while (await batch.turn());
  }
  return { tokens, cpuS: cpuSeconds() - beganS }
}

/** In the order in which each adapter was first asked for. */
function byAdapter(requests: readonly AnswerRequest[]): AnswerRequest[][] {
  const groups = new Map<string | null, AnswerRequest[]>()
  for (const request of requests) {
    groups.set(request.adapterKey, [...(groups.get(request.adapterKey) ?? []), request])
  }
  return [...groups.values()]
}
