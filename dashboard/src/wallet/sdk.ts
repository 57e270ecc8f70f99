import { OpenLedger, readNetwork } from '@openledger/sdk'
import { BrowserProvider } from 'ethers'
import type { Connected } from './wallets.ts'

/** Everything is asked through the page's own api, as its policy demands. */
export async function openSdk(connected: Connected | null): Promise<OpenLedger> {
  const { origin } = window.location
  const network = await readNetwork(origin, { rpc: `${origin}/chain`, inference: `${origin}/inference` })
  if (connected === null) return new OpenLedger(network)
  const provider = new BrowserProvider(connected.wallet.provider, network.chainId, {
    cacheTimeout: -1,
    pollingInterval: 500,
  })
  return new OpenLedger(network, { signer: await provider.getSigner(connected.account) })
}
