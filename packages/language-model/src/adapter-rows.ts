/** Adapters as inputs of the serving graph: one slot per row of the batch. */
import { type ModelConfig, projectionSize } from './config.ts'
import { LanguageModelError } from './error.ts'
import { type ServingGraphOptions, servedTargets } from './graphs/serving.ts'
import { type AdapterWeights, type LoraConfig, loraMatrix, loraParameters, loraScale, requireAdapter } from './lora.ts'

export type Adapter = { lora: LoraConfig; weights: AdapterWeights }

export type AdapterInput = {
  values: Float32Array
  /** `[rows, in, rank]` or `[rows, rank, out]` */
  dims: [number, number, number]
}

type Served = Pick<ServingGraphOptions, 'rank' | 'targets'>

/** Inputs of the serving graph by name, for so many rows, all of them the bare base. */
export function emptyAdapterRows(config: ModelConfig, served: Served, rows: number): Map<string, AdapterInput> {
  const inputs = new Map<string, AdapterInput>()
  for (let layer = 0; layer < config.layers; layer++) {
    for (const projection of servedTargets(served)) {
      const size = projectionSize(config, projection)
      const add = (matrix: 'A' | 'B', dims: [number, number, number]) =>
        inputs.set(`lora_${matrix}.${layer}.${projection}`, {
          values: new Float32Array(dims[0] * dims[1] * dims[2]),
          dims,
        })
      add('A', [rows, size.in, served.rank])
      add('B', [rows, served.rank, size.out])
    }
  }
  return inputs
}

/**
 * Puts an adapter into one row, or clears it: B is multiplied by the adapter's scale, a lower rank is padded with zeros.
 *
 * @throws {LanguageModelError} `adapter.config_unsupported` if the graph has no place for its rank or its targets
 */
export function loadAdapterRow(
  config: ModelConfig,
  served: Served,
  inputs: ReadonlyMap<string, AdapterInput>,
  row: number,
  adapter: Adapter | undefined,
): void {
  for (const { values, dims } of inputs.values()) {
    const length = dims[1] * dims[2]
    values.fill(0, row * length, (row + 1) * length)
  }
  if (adapter === undefined) return
  const { lora, weights } = adapter
  requireAdapter(config, lora, weights)
  requirePlace(served, lora)
  for (const parameter of loraParameters(config, lora)) {
    const { values, dims } = inputs.get(`lora_${parameter.matrix}.${parameter.layer}.${parameter.projection}`)!
    const matrix = loraMatrix(weights, parameter)
    const start = row * dims[1] * dims[2]
    const scale = parameter.matrix === 'B' ? loraScale(lora) : 1
    const [height, width] = parameter.shape
    for (let line = 0; line < height; line++) {
      // Where the slot is wider (A of a lower rank), the rest of each line stays zero.
      const target = start + line * dims[2]
      for (let i = 0; i < width; i++) values[target + i] = matrix[line * width + i]! * scale
    }
  }
}

/** The inputs for a whole batch at once. */
export function packAdapterRows(
  config: ModelConfig,
  served: Served,
  adapters: readonly (Adapter | undefined)[],
): Map<string, AdapterInput> {
  const inputs = emptyAdapterRows(config, served, adapters.length)
  adapters.forEach((adapter, row) => {
    loadAdapterRow(config, served, inputs, row, adapter)
  })
  return inputs
}

function requirePlace(served: Served, lora: LoraConfig): void {
  const missing = lora.targets.filter((target) => !served.targets.includes(target))
  if (lora.rank <= served.rank && missing.length === 0) return
  throw new LanguageModelError('adapter.config_unsupported', 'The server has no slots for an adapter of this form.', {
    facts: { rank: lora.rank, maxRank: served.rank, targetsWithoutSlot: missing.join(', ') },
    nextStep: 'Serve it with a graph of a higher rank and all of its targets.',
  })
}
