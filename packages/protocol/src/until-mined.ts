import type { Provider, TransactionReceipt } from 'ethers'

const SHORTEST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250

/**
 * Waits until a transaction is in a block, by asking for its receipt again and again.
 *
 * ethers waits for the next block instead: a transaction that is mined between its first look and its first poll is then
 * not noticed until another block comes, which a chain that mines on demand never makes.
 * @returns null when no block has it after `timeoutMs`
 */
export async function untilMined(
  provider: Provider,
  hash: string,
  timeoutMs: number,
): Promise<TransactionReceipt | null> {
  const deadline = Date.now() + timeoutMs
  for (let pauseMs = SHORTEST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const receipt = await provider.getTransactionReceipt(hash)
    if (receipt !== null || Date.now() >= deadline) return receipt
    await new Promise((done) => setTimeout(done, pauseMs))
  }
}
