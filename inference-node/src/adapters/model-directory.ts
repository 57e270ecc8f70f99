/**
 * Which models exist: read from the registry's events, which are the record. The subgraph would give the same list
 * later; a node that is paid through the chain follows the chain, and needs no index to serve.
 */
import { LineageRegistryAbi } from '@openledger/protocol/abi'
import { Contract, type EventLog, type Provider } from 'ethers'

export type RegisteredModel = {
  id: `0x${string}`
  kind: 'base' | 'adapter' | 'head'
  name: string
  /** Digest of the model manifest. */
  artefactDigest: `0x${string}`
  /** The base that it runs on; a base's base is itself. */
  base: `0x${string}`
  owner: string
  licence: string
  /** Block in which it was registered. */
  block: number
}

const KINDS = [undefined, 'base', 'adapter', 'head'] as const

export class ModelDirectory {
  readonly #contract: Contract
  readonly #provider: Provider
  readonly #startBlock: number
  readonly #models = new Map<string, RegisteredModel>()
  /** The last block read, by hash: a block that is no longer there means that what was read may be void. */
  #read: { block: number; hash: string } | undefined
  #refreshing: Promise<void> | undefined

  constructor(options: ModelDirectory.Options) {
    this.#contract = new Contract(options.address, LineageRegistryAbi, options.provider)
    this.#provider = options.provider
    this.#startBlock = options.startBlock
  }

  /** Reads the blocks that are new. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  /** All models, in the order of their registration. */
  all(): RegisteredModel[] {
    return [...this.#models.values()]
  }

  /** Models on a base, the base itself first. */
  on(base: string): RegisteredModel[] {
    return this.all().filter((model) => model.base === base && model.kind !== 'head')
  }

  /**
   * The model on `base` that a client calls `name`: its id, its name, or `<base's name>:<its name>`. Of several with one
   * name, the one registered first: a name cannot be taken over by registering it again.
   */
  find(name: string, base: string): RegisteredModel | undefined {
    const models = this.on(base)
    const baseName = this.#models.get(base)?.name
    return (
      models.find(({ id }) => id === name) ??
      models.find((model) => model.name === name) ??
      models.find((model) => `${baseName}:${model.name}` === name)
    )
  }

  async #refresh(): Promise<void> {
    const latest = await this.#provider.getBlock('latest')
    if (latest === null) return
    if (this.#read !== undefined && this.#read.hash !== latest.hash && !(await this.#isStillThere(this.#read))) {
      this.#models.clear()
      this.#read = undefined
    }
    const from = this.#read === undefined ? this.#startBlock : this.#read.block + 1
    if (from <= latest.number) {
      const filter = this.#contract.filters.ModelRegistered!()
      const events = (await this.#contract.queryFilter(filter, from, latest.number)) as EventLog[]
      for (const event of events) {
        const model = modelOf(event)
        if (model !== null) this.#models.set(model.id, model)
      }
    }
    this.#read = { block: latest.number, hash: latest.hash! }
  }

  async #isStillThere({ block, hash }: { block: number; hash: string }): Promise<boolean> {
    return (await this.#provider.getBlock(block))?.hash === hash
  }
}

export declare namespace ModelDirectory {
  type Options = {
    /** The LineageRegistry. */
    address: string
    provider: Provider
    /** First block that can hold a model. */
    startBlock: number
  }
}

function modelOf({ args, blockNumber }: EventLog): RegisteredModel | null {
  const kind = KINDS[Number(args.kind)]
  if (kind === undefined) return null
  return {
    id: args.modelId,
    kind,
    name: args.name,
    artefactDigest: args.artefactDigest,
    base: kind === 'base' ? args.modelId : args.parents[0].id,
    owner: String(args.owner).toLowerCase(),
    licence: args.licence,
    block: blockNumber,
  }
}
