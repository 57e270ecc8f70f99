import type { DiskContentStore } from '@openledger/content-store'
import {
  type ContractName,
  type ContributionManifest,
  canonicalJson,
  type Deployment,
  digestOf,
  digestOfCid,
  inferenceDomain,
  MerkleTree,
  signVoucher,
} from '@openledger/protocol'
import { InferenceEscrowAbi, LineageRegistryAbi, OpenTokenAbi } from '@openledger/protocol/abi'
import { Contract, HDNodeWallet, type InterfaceAbi, type JsonRpcProvider, Mnemonic, parseEther } from 'ethers'
import type { Random } from './random.ts'

const ABIS = { OpenToken: OpenTokenAbi, LineageRegistry: LineageRegistryAbi, InferenceEscrow: InferenceEscrowAbi }
const PHRASE = Mnemonic.fromPhrase('test test test test test test test test test test test junk')
const [FOUNDER, NODE, PAYER] = [0, 3, 5]
const PEOPLE = [2, 3, 4, 5, 6, 7]
const TERMS = { licenceFlags: 3, royaltyPpm: 1_000, licence: 'MIT' }
const ASKED_WEI = 1_000n

/**
 * People who do things with the real contracts, chosen by chance: facts of several kinds, running totals that many
 * transactions change, and records that graph-node reads from files. What the chain refuses, because a reorganisation took
 * what it builds on, is left.
 */
export class Economy {
  readonly #deployment: Deployment
  readonly #provider: JsonRpcProvider
  readonly #content: DiskContentStore
  readonly #random: Random
  readonly #datanets: string[] = []
  readonly #models: string[] = []
  #cumulativeWei = 0n
  #made = 0

  constructor(deployment: Deployment, provider: JsonRpcProvider, content: DiskContentStore, random: Random) {
    this.#deployment = deployment
    this.#provider = provider
    this.#content = content
    this.#random = random
  }

  /** What nothing can be done without. Must lie deeper than any reorganisation reaches. */
  async begin(): Promise<void> {
    for (const person of PEOPLE)
      await this.#send('OpenToken', FOUNDER, 'transfer', this.#address(person), parseEther('100'))
    const escrow = this.#deployment.contracts.InferenceEscrow.address
    await this.#send('OpenToken', PAYER, 'approve', escrow, parseEther('100'))
    await this.#deposit()
    await this.#createDatanet()
    await this.#registerModel()
  }

  /** @returns how many of `count` transactions the chain took */
  async act(count: number): Promise<number> {
    const actions = [
      this.#transfer,
      this.#createDatanet,
      this.#contribute,
      this.#registerModel,
      this.#deposit,
      this.#settle,
    ]
    let taken = 0
    for (let i = 0; i < count; i++) {
      const done = await this.#random
        .of(actions)
        .call(this)
        .then(
          () => 1,
          () => 0,
        )
      taken += done
    }
    return taken
  }

  async #transfer(): Promise<void> {
    const amountWei = BigInt(1 + this.#random.below(1_000))
    await this.#send('OpenToken', this.#person(), 'transfer', this.#address(this.#person()), amountWei)
  }

  async #deposit(): Promise<void> {
    await this.#send('InferenceEscrow', PAYER, 'deposit', this.#address(PAYER), parseEther('1'))
  }

  async #createDatanet(): Promise<void> {
    const terms = {
      ...{ ...TERMS, name: `texts ${this.#next()}`, modality: 0, curated: false },
      metadataDigest: digestOf(this.#bytes('description')),
    }
    const person = this.#person()
    const registry = this.#contract('LineageRegistry', person)
    const id: string = await registry.getFunction('datanetIdOf')(this.#address(person), terms)
    await this.#send('LineageRegistry', person, 'createDatanet', terms)
    this.#datanets.push(id)
  }

  async #contribute(): Promise<void> {
    const [person, datanetId] = [this.#person(), this.#random.of(this.#datanets) as `0x${string}`]
    const texts = Array.from({ length: 1 + this.#random.below(3) }, () => this.#bytes('a record'))
    const cids = await Promise.all(texts.map((bytes) => this.#content.put(bytes)))
    const manifest: ContributionManifest = {
      ...{ kind: 'openledger/contribution@1', datanetId, licence: TERMS.licence },
      ...{ contributor: this.#address(person), attribution: { name: `person ${person}` } },
      records: cids.map((cid, i) => ({
        cid,
        sizeBytes: texts[i]!.length,
        mediaType: 'text/plain',
        title: `text ${i}`,
      })),
    }
    const digest = digestOf(canonicalJson(manifest))
    await this.#content.putJson(manifest)
    const root = new MerkleTree(cids.map(digestOfCid)).root
    const sizeBytes = texts.reduce((sum, { length }) => sum + length, 0)
    const batch = [digest, root, texts.length, sizeBytes, TERMS.licence]
    await this.#send('LineageRegistry', person, 'contributeRecords', datanetId, ...batch)
  }

  async #registerModel(): Promise<void> {
    const [artefactDigest, trainingRoot] = [digestOf(this.#bytes('artefact')), digestOf(this.#bytes('training'))]
    const terms = { ...TERMS, artefactDigest, trainingRoot, kind: 1, name: `base ${this.#next()}`, parents: [] }
    const hash = await this.#send('LineageRegistry', this.#person(), 'registerModel', terms)
    const receipt = await this.#provider.getTransactionReceipt(hash)
    if (receipt?.status === 1) this.#models.push(receipt.logs[0]!.topics[1]!)
  }

  async #settle(): Promise<void> {
    const [payer, node] = [this.#address(PAYER), this.#address(NODE)]
    const escrow = this.#contract('InferenceEscrow', NODE)
    const modelId = this.#random.of(this.#models) as `0x${string}`
    this.#cumulativeWei += ASKED_WEI
    const voucher = { payer, node, modelId, cumulativeWei: String(this.#cumulativeWei), expiresAt: '4000000000' }
    const domain = inferenceDomain(this.#deployment.chainId, this.#deployment.contracts.InferenceEscrow.address)
    const { signature } = await signVoucher(this.#wallet(PAYER), domain, voucher)
    const { cumulativeWei, expiresAt } = voucher
    const settlement = { payer, cumulativeWei, expiresAt, spentWei: ASKED_WEI, signature }
    const [receiptsRoot, receiptsDigest, lastReceiptHash] = [1, 2, 3].map(() => digestOf(this.#bytes('receipts')))
    const firstSequence = await escrow.getFunction('nextSequence')(node)
    const receipts = {
      receiptsRoot,
      receiptsDigest,
      receiptCount: 1,
      firstSequence,
      lastReceiptHash,
      totalWei: ASKED_WEI,
    }
    await this.#send('InferenceEscrow', NODE, 'settle', [{ modelId, settlements: [settlement] }], receipts)
  }

  /** The chain mines it at once. @returns the transaction's hash */
  async #send(name: keyof typeof ABIS, person: number, method: string, ...parameters: unknown[]): Promise<string> {
    const { hash } = await this.#contract(name, person)
      .getFunction(method)
      .send(...parameters)
    return hash
  }

  #contract(name: keyof typeof ABIS & ContractName, person: number): Contract {
    const abi: InterfaceAbi = ABIS[name]
    return new Contract(this.#deployment.contracts[name].address, abi, this.#wallet(person))
  }

  #wallet(person: number): HDNodeWallet {
    return HDNodeWallet.fromMnemonic(PHRASE, `m/44'/60'/0'/0/${person}`).connect(this.#provider)
  }

  #address(person: number): `0x${string}` {
    return this.#wallet(person).address.toLowerCase() as `0x${string}`
  }

  #person(): number {
    return this.#random.of(PEOPLE)
  }

  #next(): number {
    this.#made += 1
    return this.#made
  }

  #bytes(what: string): Uint8Array {
    return new TextEncoder().encode(`${what} ${this.#next()}`)
  }
}
