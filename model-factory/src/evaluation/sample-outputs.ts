import {
  type Adapter,
  type BaseModel,
  buildServingGraph,
  floats,
  floatsOf,
  integers,
  openSession,
  packAdapterRows,
  type Tokenizer,
} from '@openledger/language-model'

export type SampleOutput = { prompt: string; base: string; adapter: string }

/**
 * What base and adapter say after the same prompts: the likeliest token each time (greedy), no cache. For a look, so short.
 *
 * @param prompts of at least one token each
 */
export async function sampleOutputs(
  { config, weights, tokenizer }: BaseModel & { tokenizer: Tokenizer },
  adapter: Adapter,
  prompts: readonly number[][],
  newTokens: number,
): Promise<SampleOutput[]> {
  const served = { rank: adapter.lora.rank, targets: adapter.lora.targets, logits: 'last' } as const
  const session = await openSession(buildServingGraph(config, weights, served))
  const adapters = [...packAdapterRows(config, served, [undefined, adapter])]
  /** The next token of each of two rows. */
  const next = async (rows: readonly [number[], number[]]): Promise<number[]> => {
    const tokens = Math.max(...rows.map(({ length }) => length))
    const ids = Int32Array.from(rows.flatMap((row) => [...row, ...new Array<number>(tokens - row.length).fill(0)]))
    const empty = () => floats(new Float32Array(0), [2, config.kvHeads, 0, config.headDim])
    const past = Array.from({ length: config.layers }, (_, layer) =>
      (['key', 'value'] as const).map((kind) => [`past_${kind}.${layer}`, empty()] as const),
    ).flat()
    const outputs = await session.run({
      input_ids: integers(ids, [2, tokens]),
      past_lengths: integers(Int32Array.of(0, 0), [2]),
      last_positions: integers(
        Int32Array.from(rows, ({ length }) => length - 1),
        [2],
      ),
      ...Object.fromEntries(past),
      ...Object.fromEntries(adapters.map(([name, { values, dims }]) => [name, floats(values, dims)])),
    })
    const logits = floatsOf(outputs, 'logits')
    return [0, 1].map((row) => argmax(logits.subarray(row * config.vocabSize, (row + 1) * config.vocabSize)))
  }
  try {
    const samples: SampleOutput[] = []
    for (const prompt of prompts) {
      const rows: [number[], number[]] = [[...prompt], [...prompt]]
      const ended = [false, false]
      for (let step = 0; step < newTokens && ended.includes(false); step++) {
        if (prompt.length + step >= config.maxPositions) break
        const tokens = await next(rows)
        for (const row of [0, 1] as const) {
          ended[row] ||= tokens[row] === tokenizer.eosId
          if (!ended[row]) rows[row].push(tokens[row]!)
        }
      }
      const [base, adapted] = rows.map((row) => tokenizer.decode(row.slice(prompt.length)))
      samples.push({ prompt: tokenizer.decode(prompt.slice(1)), base: base!, adapter: adapted! })
    }
    return samples
  } finally {
    await session.release()
  }
}

function argmax(values: Float32Array): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}
