import { JsonRpcProvider, type TransactionResponse } from 'ethers'
import { untilMined } from '../until-mined.ts'

/** Long enough for a chain that mines on demand; a chain told not to mine delays each transaction by so much. */
const PATIENCE_MS = 1_000

/**
 * For tests on a chain that mines each transaction at once: a transaction that was sent is in a block when the call
 * returns, so that ethers' `wait()` finds it and does not wait for a next block that never comes.
 */
export class AutominedProvider extends JsonRpcProvider {
  override async broadcastTransaction(signed: string): Promise<TransactionResponse> {
    const response = await super.broadcastTransaction(signed)
    await untilMined(this, response.hash, PATIENCE_MS)
    return response
  }
}
