/** An inference node on a chain, contracts and content store of its own, for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { DiskContentStore, startContentServer } from '@openledger/content-store'
import { type Deployment, digestOfCid, inferenceDomain, signVoucher } from '@openledger/protocol'
import type { RunningService } from '@openledger/protocol/service'
import { PayingClient } from '@openledger/sdk'
import type { ModelFiles } from '../engine/messages.ts'
import { startInferenceNode } from '../inference-node.ts'
import { encodeVoucher } from '../payment/voucher-header.ts'
import { NodeSettings } from '../settings.ts'
import { registerModel } from './lineage.ts'
import { type LocalChain, startLocalChain } from './local-chain.ts'

const NODE_ACCOUNT = 1
const FIRST_PAYER = 10
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

export class LocalNode {
  readonly chain: LocalChain
  readonly store: DiskContentStore
  readonly deployment: Deployment
  readonly #settings: NodeSettings
  readonly #content: RunningService
  readonly #directory: string
  #service: RunningService

  private constructor(parts: {
    chain: LocalChain
    store: DiskContentStore
    deployment: Deployment
    settings: NodeSettings
    content: RunningService
    directory: string
    service: RunningService
  }) {
    this.chain = parts.chain
    this.store = parts.store
    this.deployment = parts.deployment
    this.#settings = parts.settings
    this.#content = parts.content
    this.#directory = parts.directory
    this.#service = parts.service
  }

  /** @param environment settings that differ from the defaults */
  static async start(environment: Record<string, string>): Promise<LocalNode> {
    const directory = mkdtempSync(join(tmpdir(), 'openledger-node-'))
    const store = new DiskContentStore(join(directory, 'store'))
    const chain = await startLocalChain()
    const content = await startContentServer(store, { port: 0 })
    const at = async (contract: LocalChain['token']) => ({
      address: (await contract.getAddress()).toLowerCase() as `0x${string}`,
      block: 0,
    })
    const contracts = { InferenceEscrow: await at(chain.escrow), LineageRegistry: await at(chain.registry) }
    const deployment = { chainId: 31337, network: 'test', startBlock: 0, contracts } as Deployment
    const settings = NodeSettings.parse({
      OPENLEDGER_STATE: join(directory, 'state'),
      OPENLEDGER_DEPLOYMENT: 'not read: the deployment is given',
      OPENLEDGER_RPC_URL: chain.url,
      OPENLEDGER_CONTENT_URL: content.url,
      OPENLEDGER_PORT: '0',
      OPENLEDGER_KEY: chain.account(NODE_ACCOUNT).privateKey,
      ...environment,
    })
    const service = await startInferenceNode(settings, deployment, quiet)
    return new LocalNode({ chain, store, deployment, settings, content, directory, service })
  }

  get url(): string {
    return this.#service.url
  }

  get address(): `0x${string}` {
    return this.chain.account(NODE_ACCOUNT).address.toLowerCase() as `0x${string}`
  }

  get domain() {
    return inferenceDomain(31337, this.deployment.contracts.InferenceEscrow.address)
  }

  /** Ends the node and starts it on the same state. */
  async restart(changes: Partial<NodeSettings> = {}): Promise<void> {
    await this.#service.close()
    this.#service = await startInferenceNode({ ...this.#settings, ...changes }, this.deployment, quiet)
  }

  async close(): Promise<void> {
    await this.#service.close()
    await this.#content.close()
    await this.chain.close()
    rmSync(this.#directory, { recursive: true })
  }

  /** Publishes and registers a base (base null) or an adapter. @param owner one of the chain's accounts */
  async publish(name: string, files: ModelFiles, base: `0x${string}` | null, owner = 0): Promise<`0x${string}`> {
    const cids: Record<string, string> = {}
    for (const [file, bytes] of Object.entries(files)) cids[file] = await this.store.put(bytes)
    const modelKind = base === null ? 'base' : 'adapter'
    const about = { kind: 'openledger/model@1', modelKind, name, base, licence: 'Apache-2.0' }
    const artefactDigest = digestOfCid(await this.store.putJson({ ...about, files: cids, training: null }))
    const registry = owner === 0 ? this.chain.registry : this.chain.registry.connect(this.chain.account(owner))
    return registerModel(registry as LocalChain['registry'], { name, artefactDigest, ...(base !== null && { base }) })
  }

  /** Waits until the node serves: it follows the chain, which it has to see first. */
  async untilReady(): Promise<void> {
    const giveUpMs = performance.now() + 60_000
    while ((await this.get('/readyz')).status !== 200) {
      if (performance.now() > giveUpMs) throw new Error('the node does not become ready')
      await setTimeout(50)
    }
  }

  payer(index: number) {
    return this.chain.account(FIRST_PAYER + index)
  }

  client(payer: number, options: Partial<PayingClient.Options> = {}): PayingClient {
    return new PayingClient({ signer: this.payer(payer), domain: this.domain, nodeUrl: this.url, ...options })
  }

  /** The header with a voucher that a payer signed by hand. */
  async voucher(payer: number, modelId: string, cumulativeWei: bigint): Promise<Record<string, string>> {
    const { timestamp } = (await this.chain.provider.getBlock('latest'))!
    const signer = this.payer(payer)
    const signed = await signVoucher(signer, this.domain, {
      payer: signer.address.toLowerCase() as `0x${string}`,
      node: this.address,
      modelId: modelId as `0x${string}`,
      cumulativeWei: String(cumulativeWei),
      expiresAt: String(Math.max(timestamp, Math.floor(Date.now() / 1000)) + 7200),
    })
    return { 'OpenLedger-Voucher': encodeVoucher(signed) }
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`)
  }

  /** @param body JSON, or text that is sent as it is */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  }

  /** What POST /admin/settle answers. */
  async settle(): Promise<{ batches: { receiptCount: number; totalWei: string }[]; waitingReceipts: number }> {
    return (await (await this.post('/admin/settle', '')).json()) as Awaited<ReturnType<LocalNode['settle']>>
  }
}
