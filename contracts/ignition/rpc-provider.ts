import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { OpenLedgerError } from '@openledger/protocol'
import { Wallet } from 'ethers'

/** What a node answers to `method`; its refusals are thrown as they are, with their code and data. */
export function rpcProvider(rpcUrl: string): EIP1193Provider {
  let id = 0
  return {
    async request({ method, params = [] }) {
      id += 1
      let answer: JsonRpcAnswer
      try {
        const response = await fetch(rpcUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
          signal: AbortSignal.timeout(60_000),
        })
        answer = (await response.json()) as JsonRpcAnswer
      } catch (cause) {
        throw new OpenLedgerError('chain.unreachable', 'The chain does not answer.', {
          facts: { url: rpcUrl, method },
          nextStep: 'Start the chain, or check the RPC address, then deploy again: it goes on where it stopped.',
          retryable: true,
          cause,
        })
      }
      if (answer.error !== undefined) {
        throw Object.assign(new Error(answer.error.message), { code: answer.error.code, data: answer.error.data })
      }
      return answer.result
    },
  }
}

/** `node` with the transactions of one key signed here: the key never leaves the process. */
export function signingProvider(node: EIP1193Provider, privateKey: string): EIP1193Provider {
  const wallet = new Wallet(privateKey)
  return {
    async request(call) {
      if (call.method === 'eth_accounts') return [wallet.address.toLowerCase()]
      if (call.method !== 'eth_sendTransaction') return node.request(call)
      const [{ from: _, gas, nonce, ...transaction }] = call.params as [RpcTransaction]
      const chainId = BigInt(await node.request({ method: 'eth_chainId' }))
      const raw = await wallet.signTransaction({ ...transaction, chainId, gasLimit: gas, nonce: Number(nonce) })
      return node.request({ method: 'eth_sendRawTransaction', params: [raw] })
    },
  }
}

/** @throws deployment.no_sender if the provider signs for nobody */
export async function firstAccount(provider: EIP1193Provider): Promise<string> {
  const [account] = (await provider.request({ method: 'eth_accounts' })) as string[]
  if (account !== undefined) return account
  throw new OpenLedgerError('deployment.no_sender', 'The node has no account that could deploy.', {
    nextStep: 'Set OPENLEDGER_KEY to the private key of an account that can pay.',
  })
}

type JsonRpcAnswer = { result?: unknown; error?: { code: number; message: string; data?: unknown } }

/** As Ignition sends it: all quantities in hex, gas and nonce always given. */
type RpcTransaction = {
  from: string
  to?: string
  data: string
  value: string
  gas: string
  nonce: string
  maxFeePerGas?: string
  maxPriorityFeePerGas?: string
  gasPrice?: string
}
