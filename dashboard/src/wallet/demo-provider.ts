/** What a demo account answers to EIP-1193 calls: it signs with its well-known key and leaves the rest to the chain. */
import { HDNodeWallet, JsonRpcProvider, Mnemonic } from 'ethers'

const MNEMONIC = 'test test test test test test test test test test test junk'
const wallets = new Map<number, HDNodeWallet>()
let provider: JsonRpcProvider | undefined

function chain(): JsonRpcProvider {
  provider ??= new JsonRpcProvider(`${location.origin}/chain`, undefined, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 500,
  })
  return provider
}

function walletAt(place: number): HDNodeWallet {
  const known = wallets.get(place)
  if (known !== undefined) return known
  const wallet = HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), `m/44'/60'/0'/0/${place}`).connect(chain())
  wallets.set(place, wallet)
  return wallet
}

type Transaction = { to?: string; data?: string; value?: string; gas?: string; gasLimit?: string }

/** Sending is one at a time, so that two sends of an account do not take the same nonce. */
let sending: Promise<unknown> = Promise.resolve()

export async function answer(
  place: number,
  { method, params }: { method: string; params?: unknown },
): Promise<unknown> {
  const wallet = walletAt(place)
  const given = (params ?? []) as unknown[]
  switch (method) {
    case 'eth_requestAccounts':
    case 'eth_accounts':
      return [wallet.address]
    case 'personal_sign':
      return wallet.signMessage(fromHex(String(given[0])))
    case 'eth_signTypedData_v4': {
      const { domain, types, message } = JSON.parse(String(given[1]))
      delete types.EIP712Domain
      return wallet.signTypedData(domain, types, message)
    }
    case 'eth_sendTransaction': {
      const { to, data, value, gas, gasLimit } = given[0] as Transaction
      const sent = sending
        .catch(() => undefined)
        .then(() =>
          wallet.sendTransaction({
            ...(to === undefined ? {} : { to }),
            ...(data === undefined ? {} : { data }),
            ...(value === undefined ? {} : { value }),
            ...((gas ?? gasLimit) === undefined ? {} : { gasLimit: gas ?? gasLimit! }),
          }),
        )
      sending = sent
      return (await sent).hash
    }
    default:
      return chain().send(method, given)
  }
}

function fromHex(text: string): Uint8Array | string {
  if (!/^0x([0-9a-f]{2})*$/i.test(text)) return text
  return Uint8Array.from(text.slice(2).match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}
