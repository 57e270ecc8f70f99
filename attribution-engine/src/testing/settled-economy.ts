import {
  type AnswerReceipt,
  type ContributionManifest,
  type Digest,
  digestOf,
  digestOfCid,
  type Evidence,
  inferenceDomain,
  jsonDigest,
  MerkleTree,
  type RequestTranscript,
  type ResponseTranscript,
  type SignedReceipt,
  signReceipt,
  signVoucher,
} from '@openledger/protocol'
import { ZERO_HASH } from '../epochs/facts.ts'
import { loadFeatures, writeScales } from '../features/load-features.ts'
import { influenceOf } from '../influence/influence-of.ts'
import type { DevChain } from './dev-chain.ts'
import { MemoryContentStore } from './memory-content-store.ts'

/**
 * For tests: a small economy on a real chain. Two contributors, one Datanet, a base, an adapter with published features,
 * and a node that answers, signs receipts and settles. Gradients are small made-up numbers; everything else is as in life.
 */
export class SettledEconomy {
  readonly chain: DevChain
  readonly content = new MemoryContentStore()
  baseId: Digest = ZERO_HASH
  adapterId: Digest = ZERO_HASH
  features = ''
  readonly records: readonly { text: string; contributor: 'ada' | 'bob' }[] = [
    { text: 'A chain is as strong as its weakest link.', contributor: 'ada' },
    { text: 'Rain falls on the just and the unjust.', contributor: 'ada' },
    { text: 'What is measured gets managed.', contributor: 'bob' },
    { text: 'The map is not the territory.', contributor: 'bob' },
  ]
  #sequence = 0
  #lastReceipt: Digest = ZERO_HASH
  #spentWei = new Map<string, bigint>()
  readonly answerFeatures = new Map<string, Int8Array>()

  constructor(chain: DevChain) {
    this.chain = chain
  }

  get domain() {
    return inferenceDomain(this.chain.deployment.chainId, this.chain.deployment.contracts.InferenceEscrow!.address)
  }

  async prepare(): Promise<void> {
    const { wallets } = this.chain
    const { token } = this.chain.as('payer')
    await (await token.approve!(this.chain.deployment.contracts.InferenceEscrow!.address, 10n ** 24n)).wait()
    await (await token.transfer!(wallets.proposer.address, 10n ** 20n)).wait()
    await (await this.chain.as('payer').escrow.deposit!(wallets.payer.address, 10n ** 21n)).wait()
    const datanetId = await this.#createDatanet()
    await this.#contribute(datanetId, 'ada')
    await this.#contribute(datanetId, 'bob')
    this.baseId = await this.#registerBase()
    await this.#registerAdapter(datanetId)
  }

  /** One answer, unsettled. `direction` decides which records it is like. */
  async answer(modelId: Digest, priceWei: bigint, direction: number, change: Partial<AnswerReceipt> = {}) {
    const sequence = this.#sequence++
    const request: RequestTranscript = {
      kind: 'openledger/request@1',
      modelId,
      prompt: 'Say something.',
      promptTokenIds: [1, 2],
      maxTokens: 4,
      temperature: 0,
      topP: 1,
      seed: 0,
      stop: [],
      nonce: digestOf(new Uint8Array([sequence])),
    }
    const response: ResponseTranscript = {
      kind: 'openledger/response@1',
      tokenIds: [3, 4, sequence],
      text: 'Something.',
      finishReason: 'stop',
    }
    const receipt: AnswerReceipt = {
      requestHash: digestOfCid(await this.content.putJson(request)),
      responseHash: digestOfCid(await this.content.putJson(response)),
      baseModelId: this.baseId,
      modelId,
      engineHash: digestOf(new Uint8Array([1])),
      previousReceipt: this.#lastReceipt,
      promptTokens: '2',
      completionTokens: '3',
      priceWei: priceWei.toString(),
      payer: this.chain.wallets.payer.address.toLowerCase() as `0x${string}`,
      node: this.chain.wallets.node.address.toLowerCase() as `0x${string}`,
      sequence: String(sequence),
      timestampMs: String(1_700_000_000_000 + sequence),
      ...change,
    }
    const signed = await signReceipt(this.chain.wallets.node, this.domain, receipt)
    this.#lastReceipt = signed.receiptHash
    this.answerFeatures.set(signed.receiptHash, gradientTowards(direction))
    return signed
  }

  /**
   * Settles and anchors answers in one batch. `change` makes the published receipts differ from what was signed,
   * `extraWei` what is paid from their prices.
   */
  async settle(
    receipts: readonly SignedReceipt[],
    change = (signed: readonly SignedReceipt[]) => [...signed],
    extraWei = 0n,
  ): Promise<void> {
    const { payer, node } = this.chain.wallets
    const published = change(receipts)
    const manifest = {
      kind: 'openledger/receipts@1',
      node: node.address.toLowerCase(),
      firstSequence: receipts[0]!.receipt.sequence,
      receipts: published,
    }
    const settlements: unknown[] = []
    for (const modelId of new Set(receipts.map(({ receipt }) => receipt.modelId))) {
      const pricedWei = sum(receipts.filter(({ receipt }) => receipt.modelId === modelId))
      const paidWei: bigint = settlements.length === 0 ? pricedWei + extraWei : pricedWei
      const spentWei = (this.#spentWei.get(modelId) ?? 0n) + paidWei
      this.#spentWei.set(modelId, spentWei)
      const promise = { cumulativeWei: spentWei.toString(), expiresAt: '99999999999' }
      const parties = { payer: lower(payer.address), node: lower(node.address), modelId }
      const { signature } = await signVoucher(payer, this.domain, { ...parties, ...promise })
      settlements.push({ modelId, settlements: [{ payer: parties.payer, ...promise, spentWei, signature }] })
    }
    const batch = {
      receiptsRoot: new MerkleTree(published.map((signed) => signed.receiptHash)).root,
      receiptsDigest: digestOfCid(await this.content.putJson(manifest)),
      receiptCount: receipts.length,
      firstSequence: receipts[0]!.receipt.sequence,
      lastReceiptHash: published.at(-1)!.receiptHash,
      totalWei: sum(receipts) + extraWei,
    }
    await (await this.chain.as('node').escrow.settle!(settlements, batch)).wait()
  }

  /** Runs `work` and then forgets the answers that were given in it, as a chain that is taken back does. */
  async forgetting(work: () => Promise<void>): Promise<void> {
    const [sequence, lastReceipt, spentWei] = [this.#sequence, this.#lastReceipt, new Map(this.#spentWei)]
    try {
      await work()
    } finally {
      this.#sequence = sequence
      this.#lastReceipt = lastReceipt
      this.#spentWei = spentWei
    }
  }

  /** The evidence that an honest engine computes. */
  evidenceFor = async ({ receiptHash: hash }: { receiptHash: `0x${string}` }): Promise<Evidence> => {
    const { features, manifest } = await loadFeatures(this.content, this.features)
    const gradient = this.answerFeatures.get(hash)!
    const contributors = new Map(
      this.records.map(({ text, contributor }) => [
        digestOf(new TextEncoder().encode(text)),
        lower(this.chain.wallets[contributor].address),
      ]),
    )
    return {
      kind: 'openledger/evidence@1',
      receiptHash: hash,
      modelId: manifest.modelId,
      features: this.features,
      answerFeatures: await this.content.put(new Uint8Array(gradient)),
      influence: influenceOf(features, gradient, contributors),
      verbatim: [],
      retrieval: [],
    }
  }

  async #createDatanet(): Promise<Digest> {
    const { registry } = this.chain.as('owner')
    const terms = {
      name: 'Proverbs',
      modality: 0,
      licenceFlags: 3,
      royaltyPpm: 0,
      licence: 'CC0-1.0',
      metadataDigest: ZERO_HASH,
      curated: false,
    }
    const id = await registry.createDatanet!.staticCall(terms)
    await (await registry.createDatanet!(terms)).wait()
    return id
  }

  async #contribute(datanetId: Digest, contributor: 'ada' | 'bob'): Promise<void> {
    const texts = this.records.filter((record) => record.contributor === contributor).map(({ text }) => text)
    const cids = await Promise.all(texts.map((text) => this.content.put(new TextEncoder().encode(text))))
    const manifest: ContributionManifest = {
      kind: 'openledger/contribution@1',
      datanetId,
      contributor: lower(this.chain.wallets[contributor].address),
      licence: 'CC0-1.0',
      attribution: { name: contributor },
      records: cids.map((cid, index) => ({
        cid,
        sizeBytes: texts[index]!.length,
        mediaType: 'text/plain',
        title: 'proverb',
      })),
    }
    const { registry } = this.chain.as(contributor)
    const manifestDigest = digestOfCid(await this.content.putJson(manifest))
    const recordRoot = new MerkleTree(cids.map(digestOfCid)).root
    await (await registry.contributeRecords!(datanetId, manifestDigest, recordRoot, cids.length, 100, 'CC0-1.0')).wait()
  }

  async #registerBase(): Promise<Digest> {
    const manifest = {
      kind: 'openledger/model@1',
      modelKind: 'base',
      name: 'Base',
      base: null,
      licence: 'CC0-1.0',
      files: {},
      training: null,
    }
    return this.#register(1, await this.content.putJson(manifest), ZERO_HASH, [])
  }

  async #registerAdapter(datanetId: Digest): Promise<void> {
    const train = this.records.map(({ text, contributor }) => ({
      digest: digestOf(new TextEncoder().encode(text)),
      contributionId: `${datanetId}-${contributor === 'ada' ? 1 : 2}`,
      contributor: lower(this.chain.wallets[contributor].address),
      split: 'train' as const,
    }))
    const asOfBlock = await this.chain.provider.getBlockNumber()
    const datanets = [{ id: datanetId, version: 2, asOfBlock }]
    const clusters = await this.content.putJson({
      kind: 'openledger/clusters@1',
      datanets,
      parameters: {},
      clusters: train.map(({ split: _, ...member }) => ({ canonical: member.digest, members: [member] })),
    })
    const recipe = { rank: 1, alpha: 1, targets: ['q_proj'], learningRate: 1, warmupSteps: 0, epochs: 1, batchSize: 1 }
    const training = await this.content.putJson({
      kind: 'openledger/training@1',
      base: this.baseId,
      datanets,
      clusters,
      recipe: { ...recipe, contextTokens: 8, seeds: [1, 2, 3], validationShare: 0 },
      records: train,
      checkpoints: [],
      metrics: { lossBefore: 2, lossAfter: 1, trainTokens: 10, seconds: 1 },
      engine: {},
    })
    const model = {
      kind: 'openledger/model@1',
      modelKind: 'adapter',
      name: 'Proverbs',
      base: this.baseId,
      licence: 'CC0-1.0',
      files: {},
      training,
    }
    const root = new MerkleTree(train.map(({ digest }) => digest)).root
    const parents = [
      { id: this.baseId, asOfBlock: 0 },
      { id: datanetId, asOfBlock },
    ]
    this.adapterId = await this.#register(2, await this.content.putJson(model), root, parents)
    const layers = [1, 2, 3].map(async (seed) => ({
      seed,
      checkpoint: 'initial' as const,
      signs: await this.content.put(signsOf(seed)),
      scales: await this.content.put(writeScales(Int32Array.from([1000 + seed, 1100, 1200, 1300 - seed]))),
      scaleExponent: -10,
    }))
    const features = {
      kind: 'openledger/features@1',
      modelId: this.adapterId,
      training,
      parameters: PARAMETERS,
      records: train.map(({ digest }) => digest),
      layers: await Promise.all(layers),
      method: {},
    }
    this.features = await this.content.putJson(features)
    const digest = jsonDigest(features)
    await (await this.chain.as('attester').registry.publishFeatures!(this.adapterId, digest)).wait()
  }

  async #register(kind: number, artefact: string, trainingRoot: Digest, parents: unknown[]): Promise<Digest> {
    const { registry } = this.chain.as('owner')
    const terms = {
      kind,
      name: `Model ${kind}`,
      licenceFlags: 3,
      royaltyPpm: 0,
      licence: 'CC0-1.0',
      artefactDigest: digestOfCid(artefact),
      trainingRoot,
      parents,
    }
    const id = await registry.registerModel!.staticCall(terms)
    await (await registry.registerModel!(terms)).wait()
    return id
  }
}

const PARAMETERS = 32

/** Row r's features point along its own eight coordinates; a few signs differ from seed to seed. */
function signsOf(seed: number): Uint8Array {
  const rows = [0, 1, 2, 3].map((row) => {
    const bytes = new Uint8Array(PARAMETERS / 8).fill(0b0101_0101)
    bytes[row] = seed === 2 ? 0b0000_0001 : 0
    return [...bytes]
  })
  return new Uint8Array(rows.flat())
}

/** [3 layers, PARAMETERS] an answer like row `row`; like none when it is negative. */
function gradientTowards(row: number): Int8Array {
  const layer = new Int8Array(PARAMETERS)
  layer.fill(row >= 0 ? 3 : -3)
  if (row >= 0) layer.fill(100, row * 8, row * 8 + 8)
  return Int8Array.from([...layer, ...layer, ...layer])
}

function sum(receipts: readonly SignedReceipt[]): bigint {
  return receipts.reduce((total, { receipt }) => total + BigInt(receipt.priceWei), 0n)
}

function lower(address: string): `0x${string}` {
  return address.toLowerCase() as `0x${string}`
}
