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
  /** Counts from 1 the models that the first owner of the name gave it; null for others that have the name. */
  version: number | null
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
  /** Who has a name on a base, and how many versions of it. */
  readonly #owners = new Map<string, { owner: string; versions: number }>()
  /** By base, worked out when first asked for after a change. */
  readonly #names = new Map<string, ReadonlyMap<string, RegisteredModel>>()

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
   * The model on `base` that a client calls `name`: its id, its name, or `<base's name>:<its name>`; the latter two may be
   * followed by `@<version>`, of which `@latest` is the last. Without a version it is the first that was registered: a name
   * cannot be taken over, and means the same for ever.
   */
  find(name: string, base: string): RegisteredModel | undefined {
    const byName = this.#byName(base)
    const prefix = `${this.#models.get(base)?.name}:`
    const found = this.#models.get(name)
    if (found !== undefined && found.base === base && found.kind !== 'head') return found
    return byName.get(name) ?? (name.startsWith(prefix) ? byName.get(name.slice(prefix.length)) : undefined)
  }

  /** What clients call a model in lists: its name, with its version from the second on; its id where the name is another's. */
  nameOf(model: RegisteredModel): string {
    const { version } = model
    if (version === null) return model.id
    return version === 1 ? model.name : `${model.name}@${version}`
  }

  /** Models on a base by what they are called. A model's own name comes before another's name and version. */
  #byName(base: string): ReadonlyMap<string, RegisteredModel> {
    const known = this.#names.get(base)
    if (known !== undefined) return known
    const names = new Map<string, RegisteredModel>()
    const models = this.on(base).filter(({ version }) => version !== null)
    for (const model of models) if (model.version === 1) names.set(model.name, model)
    const plain = new Set(names.keys())
    for (const model of models) {
      for (const version of [model.version, 'latest']) {
        const called = `${model.name}@${version}`
        if (!plain.has(called)) names.set(called, model)
      }
    }
    this.#names.set(base, names)
    return names
  }

  async #refresh(): Promise<void> {
    const latest = await this.#provider.getBlock('latest')
    if (latest === null) return
    if (this.#read !== undefined && this.#read.hash !== latest.hash && !(await this.#isStillThere(this.#read))) {
      this.#models.clear()
      this.#owners.clear()
      this.#names.clear()
      this.#read = undefined
    }
    const from = this.#read === undefined ? this.#startBlock : this.#read.block + 1
    if (from <= latest.number) {
      const filter = this.#contract.filters.ModelRegistered!()
      const events = (await this.#contract.queryFilter(filter, from, latest.number)) as EventLog[]
      for (const event of events) {
        const model = modelOf(event)
        if (model !== null) this.#models.set(model.id, { ...model, version: this.#versionOf(model) })
      }
      if (events.length > 0) this.#names.clear()
    }
    this.#read = { block: latest.number, hash: latest.hash! }
  }

  /** Of models with one name on one base, those of whoever registered it first are its versions; others go by their ids. */
  #versionOf({ base, id, kind, name, owner }: Omit<RegisteredModel, 'version'>): number | null {
    if (kind === 'head') return null
    const known = this.#models.get(id)
    if (known !== undefined) return known.version
    const key = JSON.stringify([base, name])
    const first = this.#owners.get(key) ?? { owner, versions: 0 }
    if (first.owner !== owner) return null
    this.#owners.set(key, { owner, versions: first.versions + 1 })
    return first.versions + 1
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

function modelOf({ args, blockNumber }: EventLog): Omit<RegisteredModel, 'version'> | null {
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
