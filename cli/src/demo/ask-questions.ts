import { inferenceDomain, OpenLedgerError, parseOpen, type SignedReceipt } from '@openledger/protocol'
import { PayingClient } from '@openledger/sdk'
import { roleWallet } from './accounts.ts'
import type { SeededDatanet, SeedPlace } from './seed-chain.ts'

/** One paid answer with the receipt that proves it. */
export type AskedAnswer = {
  receiptHash: string
  modelId: string
  promptTokens: number
  completionTokens: number
  priceWei: string
  text: string
  signed: SignedReceipt
}

const MAX_TOKENS = 40
const MAX_PRICE = parseOpen('5')
const MODELS_PATIENCE_MS = 60_000

/**
 * Asks all prompts of all Datanets at once, each of the adapter trained on that Datanet, by two payers in turn. The node
 * answers them in shared batches; each answer's receipt is checked before it counts.
 */
export async function askQuestions(
  { deployment, provider }: SeedPlace,
  datanets: readonly SeededDatanet[],
  nodeUrl: string,
): Promise<AskedAnswer[]> {
  await untilServed(
    nodeUrl,
    datanets.map(({ adapter }) => adapter),
  )
  const domain = inferenceDomain(deployment.chainId, deployment.contracts.InferenceEscrow.address)
  const payers = (['alice', 'bob'] as const).map(
    (role) => new PayingClient({ signer: roleWallet(role).connect(provider), domain, nodeUrl, maxPriceWei: MAX_PRICE }),
  )
  // Question i of every adapter stands beside question i of the others, so that neighbours in a batch differ.
  const questions = datanets.flatMap(({ adapter, prompts }) => prompts.map((prompt, i) => ({ adapter, prompt, i })))
  questions.sort((a, b) => a.i - b.i)
  return Promise.all(
    questions.map(async ({ adapter, prompt, i }, place) => {
      const sampling = { max_tokens: MAX_TOKENS, temperature: i % 2 === 0 ? 0 : 0.7, top_p: 0.95, seed: i }
      const client = payers[place % payers.length]!
      const answer =
        i % 4 === 3
          ? await client.chat({ model: adapter, messages: [{ role: 'user', content: prompt }], ...sampling })
          : await client.complete({ model: adapter, prompt, ...sampling })
      const { receipt, receiptHash } = answer.signed
      return {
        receiptHash,
        modelId: receipt.modelId,
        promptTokens: Number(receipt.promptTokens),
        completionTokens: Number(receipt.completionTokens),
        priceWei: receipt.priceWei,
        text: answer.text,
        signed: answer.signed,
      }
    }),
  )
}

/** Waits until the node lists the models: it follows the chain at its own pace. */
async function untilServed(nodeUrl: string, names: readonly string[]): Promise<void> {
  const deadline = Date.now() + MODELS_PATIENCE_MS
  for (;;) {
    const listed = await fetch(`${nodeUrl}/v1/models`).then((response) => response.json() as Promise<ModelList>)
    const missing = names.filter((name) => !listed.data?.some(({ id }) => id === name || id.endsWith(`:${name}`)))
    if (missing.length === 0) return
    if (Date.now() > deadline) {
      throw new OpenLedgerError('demo.not_served', 'The inference node does not serve an adapter that is on chain.', {
        facts: { missing: missing.join(', ') },
        nextStep: 'Look into the inference node’s log in the state folder.',
      })
    }
    await new Promise((done) => setTimeout(done, 500))
  }
}

type ModelList = { data?: { id: string }[] }
