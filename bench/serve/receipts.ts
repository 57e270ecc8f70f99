import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inferenceDomain } from '@openledger/protocol'
import { Wallet, ZeroHash } from 'ethers'
import type { AnswerRequest } from '../../inference-node/src/engine/request.ts'
import { ReceiptLog } from '../../inference-node/src/receipts/receipt-log.ts'
import { openDatabase } from '../../inference-node/src/store/database.ts'
import { cpuSeconds } from './serve-requests.ts'

const ADDRESS = `0x${'22'.repeat(20)}` as const
const DIGEST = `0x${'33'.repeat(32)}` as const

/** Hashes, signs and stores a receipt for each request, as the node does. @returns processor time for one, in seconds */
export async function receiptCpuS(requests: readonly AnswerRequest[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'openledger-bench-'))
  const signer = new Wallet(`0x${'44'.repeat(32)}`)
  const node = signer.address.toLowerCase() as `0x${string}`
  const database = openDatabase(join(directory, 'node.sqlite'), { chainId: 1, escrow: ADDRESS, node })
  try {
    const domain = inferenceDomain(1, ADDRESS)
    const log = new ReceiptLog(
      database,
      { sequence: 0, previousReceipt: ZeroHash as `0x${string}` },
      { signer, domain, node },
    )
    const append = ({ maxTokens, promptTokenIds, sampling, stop }: AnswerRequest) =>
      log.append(
        {
          request: {
            kind: 'openledger/request@1',
            modelId: DIGEST,
            prompt: 'word '.repeat(promptTokenIds.length),
            promptTokenIds: [...promptTokenIds],
            maxTokens,
            temperature: sampling.temperature,
            topP: sampling.topP,
            seed: sampling.seed,
            stop: [...stop],
            nonce: DIGEST,
          },
          response: {
            kind: 'openledger/response@1',
            tokenIds: Array.from({ length: maxTokens }, (_, i) => i),
            text: 'word '.repeat(maxTokens),
            finishReason: 'length',
          },
          baseModelId: DIGEST,
          engineHash: DIGEST,
          priceWei: 1n,
          payer: ADDRESS,
          timestampMs: 0,
        },
        () => undefined,
      )
    for (const request of requests.slice(0, 20)) await append(request)
    const beganS = cpuSeconds()
    for (const request of requests) await append(request)
    return (cpuSeconds() - beganS) / requests.length
  } finally {
    database.close()
    await rm(directory, { recursive: true })
  }
}
