import { openAdapter } from '@openledger/language-model'
import { Engine } from '../engine/engine.ts'
import { type EngineOptions, readFrom } from '../engine/messages.ts'
import { RequestError } from '../error.ts'
import { AdapterCache } from './adapter-cache.ts'
import type { ModelDirectory, RegisteredModel } from './model-directory.ts'
import { fetchModelFiles } from './model-files.ts'

/** One base model with its engine and all adapters that are registered on it. */
export class ModelHost {
  readonly base: RegisteredModel
  readonly engine: Engine
  readonly adapters: AdapterCache
  readonly #directory: ModelDirectory
  readonly #content: ModelHost.Parts['content']
  /** Adapters that stay in memory, by id. */
  readonly #pins = new Map<string, Promise<{ release(): void }>>()
  /** Adapters that the operator took out of service, by id. */
  readonly #withdrawn = new Set<string>()

  private constructor(base: RegisteredModel, engine: Engine, parts: ModelHost.Parts) {
    this.base = base
    this.engine = engine
    this.#directory = parts.directory
    this.#content = parts.content
    this.adapters = new AdapterCache({
      budgetBytes: parts.adapterBytes,
      open: async (id) => {
        const model = this.#directory.find(id, base.id)!
        const adapter = await openAdapter(engine.config, readFrom(await fetchModelFiles(model, parts.content)))
        requirePlace(model, adapter.lora, parts.engine)
        return adapter
      },
      load: (key, adapter) => engine.loadAdapter(key, adapter),
      unload: (key) => engine.unloadAdapter(key),
    })
  }

  /** Starts an engine on a registered base. */
  static async start(base: RegisteredModel, parts: ModelHost.Parts): Promise<ModelHost> {
    const files = await fetchModelFiles(base, parts.content)
    return new ModelHost(base, await Engine.start(files, parts.engine), parts)
  }

  /** What can be asked for. */
  models(): RegisteredModel[] {
    return this.#directory.on(this.base.id).filter(({ id }) => !this.#withdrawn.has(id))
  }

  nameOf(model: RegisteredModel): string {
    return this.#directory.nameOf(model)
  }

  isPinned({ id }: RegisteredModel): boolean {
    return this.#pins.has(id)
  }

  /** Loads an adapter, keeps it in memory, and puts it into service again if it was taken out. */
  async pin(model: RegisteredModel): Promise<void> {
    const held = this.#pins.get(model.id) ?? this.adapters.acquire(model.id)
    this.#pins.set(model.id, held)
    try {
      await held
    } catch (error) {
      this.#pins.delete(model.id)
      throw error
    }
    this.#withdrawn.delete(model.id)
  }

  /** Takes an adapter out of service: new requests do not find it, those under way are finished, then its memory is free. */
  async withdraw(model: RegisteredModel): Promise<void> {
    this.#withdrawn.add(model.id)
    const pin = this.#pins.get(model.id)
    this.#pins.delete(model.id)
    ;(await pin?.catch(() => undefined))?.release()
    await this.adapters.drop(model.id)
  }

  /** Brings the files of adapters onto this machine, so that their first request need not wait for the network. */
  async prefetch(models: readonly RegisteredModel[]): Promise<void> {
    for (const model of models) await fetchModelFiles(model, this.#content)
  }

  /**
   * The model that a client names; one that is not known yet may have been registered a moment ago.
   * @throws model.unknown
   */
  async resolve(name: string): Promise<RegisteredModel> {
    const model = await this.resolveAny(name)
    if (!this.#withdrawn.has(model.id)) return model
    throw unknown(name)
  }

  /** The same for operators, who find what they took out of service too. */
  async resolveAny(name: string): Promise<RegisteredModel> {
    const known = this.#directory.find(name, this.base.id)
    if (known !== undefined) return known
    await this.#directory.refresh()
    const model = this.#directory.find(name, this.base.id)
    if (model !== undefined) return model
    throw unknown(name)
  }

  /** Holds what a model needs in the engine's memory, until `release` is called. */
  async acquire(model: RegisteredModel): Promise<{ adapterKey: string | null; release(): void }> {
    if (model.kind === 'base') return { adapterKey: null, release: () => undefined }
    const { release } = await this.adapters.acquire(model.id)
    return { adapterKey: model.id, release }
  }

  close(): Promise<void> {
    return this.engine.close()
  }
}

export declare namespace ModelHost {
  type Parts = {
    directory: ModelDirectory
    content: { get(cid: string): Promise<Uint8Array> }
    engine: EngineOptions
    /** Memory for adapters. */
    adapterBytes: number
  }
}

function unknown(name: string): RequestError {
  return new RequestError('model.unknown', `The model \`${name.slice(0, 100)}\` does not exist on this node.`, {
    status: 404,
    param: 'model',
    nextStep: 'GET /v1/models lists the names and ids.',
  })
}

/** Refused when it is loaded, before anybody pays for an answer that the graph has no room for. */
function requirePlace(
  model: RegisteredModel,
  lora: { rank: number; targets: readonly string[] },
  engine: EngineOptions,
): void {
  const missing = lora.targets.filter((target) => !engine.targets.some((served) => served === target))
  if (lora.rank <= engine.rank && missing.length === 0) return
  throw new RequestError('request.unsupported', 'This node serves smaller adapters only.', {
    status: 400,
    param: 'model',
    facts: { model: model.id, rank: lora.rank, servedRank: engine.rank, targetsNotServed: missing.join(',') || null },
    nextStep: 'Its operator can raise OPENLEDGER_LORA_RANK or add to OPENLEDGER_LORA_TARGETS.',
  })
}
