/** One answer with all that proves it, on a chain and an api that exist only for a test. */

import { RewardTree } from '@openledger/commitment'
import {
  CONTRACT_NAMES,
  type ContractName,
  canonicalJson,
  cidOf,
  digestOf,
  type EpochManifest,
  type Evidence,
  inferenceDomain,
  MerkleTree,
  type PaidAnswer,
  type ReceiptsManifest,
  signReceipt,
} from '@openledger/protocol'
import * as abis from '@openledger/protocol/abi'
import { Interface, type InterfaceAbi, JsonRpcProvider, Wallet } from 'ethers'
import type { Network } from '../network.ts'

const CHAIN_ID = 31337
const TRANSACTION = `0x${'7'.repeat(64)}`
const hash = (digit: string) => `0x${digit.repeat(64)}` as const
const nodeKey = new Wallet(hash('3'))
const account = (digit: string) => `0x${digit.repeat(40)}` as const

/** What a test may tell differently from how it was. */
export type Lies = {
  signer?: Wallet
  price?: string
  receiptsRoot?: string
  root?: string
  evidenceOf?: `0x${string}`
  shares?: PaidAnswer['shares']
  amounts?: ReadonlyMap<string, bigint>
  isPaid?: boolean
}

export type ToldWorld = {
  receiptHash: string
  network: Network
  provider: JsonRpcProvider
  /** What the api and the content store answer, by path. */
  replies: Map<string, Uint8Array>
}

export const EARNERS = [account('a'), account('b')] as const

/** Two records of two contributors shaped the answer 3 : 1; its pool is 40 wei. */
export async function tellWorld(lies: Lies = {}): Promise<ToldWorld> {
  const contracts = Object.fromEntries(
    CONTRACT_NAMES.map((name, i) => [name, { address: `0x${(i + 1).toString(16).padStart(40, '0')}` }]),
  ) as Record<ContractName, { address: string }>
  const domain = inferenceDomain(CHAIN_ID, contracts.InferenceEscrow.address)
  const signed = await signReceipt(lies.signer ?? nodeKey, domain, {
    requestHash: hash('1'),
    responseHash: hash('2'),
    baseModelId: hash('4'),
    modelId: hash('5'),
    engineHash: hash('6'),
    previousReceipt: hash('0'),
    promptTokens: '1',
    completionTokens: '2',
    priceWei: '100',
    payer: account('c'),
    node: nodeKey.address.toLowerCase() as `0x${string}`,
    sequence: '0',
    timestampMs: '1',
  })
  const { receiptHash } = signed
  const published =
    lies.price === undefined ? signed : { ...signed, receipt: { ...signed.receipt, priceWei: lies.price } }
  const other = { ...signed, receiptHash: hash('9') }
  const receipts: ReceiptsManifest = {
    kind: 'openledger/receipts@1',
    node: signed.receipt.node,
    firstSequence: '0',
    receipts: [other, published],
  }
  const replies = new Map<string, Uint8Array>()
  const store = (value: object) => {
    const bytes = canonicalJson(value)
    replies.set(`/ipfs/${cidOf(bytes)}`, bytes)
    return { cid: cidOf(bytes), digest: digestOf(bytes) }
  }
  const batch = store(receipts)
  const influence = (canonical: `0x${string}`, contributor: `0x${string}`, utility: string) => ({
    canonical,
    contributor,
    scores: [utility],
    mean: utility,
    standardError: '0',
    utility,
    sharePpm: 0,
  })
  const evidence = store({
    kind: 'openledger/evidence@1',
    receiptHash: lies.evidenceOf ?? receiptHash,
    modelId: signed.receipt.modelId,
    features: batch.cid,
    answerFeatures: batch.cid,
    influence: [influence(hash('d'), EARNERS[0], '3'), influence(hash('e'), EARNERS[1], '1')],
    verbatim: [],
    retrieval: [],
  } satisfies Evidence)
  const tree = new RewardTree(
    lies.amounts ??
      new Map<string, bigint>([
        [EARNERS[0], 30n],
        [EARNERS[1], 15n],
      ]),
    1,
  )
  const epoch: EpochManifest = {
    kind: 'openledger/epoch@1',
    number: 1,
    fromBlock: 0,
    toBlock: 9,
    blockHash: hash('8'),
    parent: null,
    engineHash: hash('6'),
    batches: [],
    answers: [
      {
        receiptHash,
        poolWei: '40',
        evidence: evidence.cid,
        reserveWei: '0',
        shares: lies.shares ?? [
          { account: EARNERS[0], canonical: hash('d'), amountWei: '30' },
          { account: EARNERS[1], canonical: hash('e'), amountWei: '10' },
        ],
      },
    ],
    reserveAccount: account('f'),
    reserveWei: '0',
    words: [...tree.words],
    totalWei: String(tree.totalWei),
    root: tree.root,
  }
  const manifest = store(epoch)
  const place = {
    data: { answer: { settlementTransaction: TRANSACTION, epoch: lies.isPaid === false ? null : { number: 1 } } },
  }
  replies.set('/graphql', new TextEncoder().encode(JSON.stringify(place)))
  const network: Network = {
    chainId: CHAIN_ID,
    contracts,
    startBlock: 0,
    urls: { api: 'http://api.test', rpc: '', inference: '' },
  }
  const receiptsRoot = lies.receiptsRoot ?? new MerkleTree([other.receiptHash, receiptHash]).root
  const anchored = [nodeKey.address, 1, receiptsRoot, batch.digest, 2, 0, receiptHash, 100]
  const proposed = [
    1,
    lies.root ?? tree.root,
    nodeKey.address,
    manifest.digest,
    hash('6'),
    tree.totalWei,
    9,
    hash('8'),
    5,
    0,
  ]
  const provider = new ToldChain({
    anchored: logOf(contracts, 'InferenceEscrow', 'ReceiptsAnchored', anchored),
    proposed: logOf(contracts, 'RootCourt', 'RootProposed', proposed),
  })
  return { receiptHash, network, provider, replies }
}

type Log = ReturnType<typeof logOf>

function logOf(contracts: Network['contracts'], contract: ContractName, event: string, values: unknown[]) {
  const { data, topics } = new Interface(abis[`${contract}Abi`] as InterfaceAbi).encodeEventLog(event, values)
  return {
    address: contracts[contract].address,
    data,
    topics,
    blockNumber: '0x1',
    blockHash: hash('8'),
    transactionHash: TRANSACTION,
    transactionIndex: '0x0',
    logIndex: '0x0',
    removed: false,
  }
}

/** A chain that knows one settlement and one root, which is open to claims. */
class ToldChain extends JsonRpcProvider {
  readonly #logs: { anchored: Log; proposed: Log }

  constructor(logs: { anchored: Log; proposed: Log }) {
    super('http://chain.test', CHAIN_ID, { staticNetwork: true, cacheTimeout: -1 })
    this.#logs = logs
  }

  override async send(method: string): Promise<unknown> {
    if (method === 'eth_getLogs') return [this.#logs.proposed]
    if (method === 'eth_call') return `0x${'5'.padStart(64, '0')}`
    if (method === 'eth_getTransactionReceipt') return receiptWith(this.#logs.anchored)
    throw new Error(`the test’s chain does not know ${method}`)
  }
}

function receiptWith(log: Log) {
  return {
    transactionHash: TRANSACTION,
    blockHash: hash('8'),
    blockNumber: '0x1',
    transactionIndex: '0x0',
    from: account('1'),
    to: log.address,
    contractAddress: null,
    logs: [log],
    logsBloom: `0x${'0'.repeat(512)}`,
    gasUsed: '0x1',
    cumulativeGasUsed: '0x1',
    effectiveGasPrice: '0x1',
    status: '0x1',
    type: '0x2',
  }
}
