import type { RegisteredModel } from '../adapters/model-directory.ts'
import type { ModelHost } from '../adapters/model-host.ts'
import type { Price } from '../payment/price-list.ts'

/** A model as /v1/models lists it: OpenAI's members, vLLM's `root` and `parent`, and ours in `openledger`. */
export function modelBody(model: RegisteredModel, host: ModelHost, price: Price): object {
  const { base, engine } = host
  return {
    id: host.nameOf(model),
    object: 'model',
    created: 0,
    owned_by: model.owner,
    root: base.name,
    parent: model.kind === 'base' ? null : base.name,
    max_model_len: engine.config.maxPositions,
    openledger: {
      modelId: model.id,
      baseModelId: base.id,
      kind: model.kind,
      version: model.version,
      /** Whether a request finds it in memory. */
      loaded: model.kind === 'base' || host.adapters.has(model.id),
      pinned: host.isPinned(model),
      licence: model.licence,
      artefactDigest: model.artefactDigest,
      registeredAtBlock: model.block,
      /** Wei of OPEN per 1,000 tokens. */
      price,
    },
  }
}
