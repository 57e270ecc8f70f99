/** The mean last hidden state of each sequence, out of the probabilities that the graph gives. */
import {
  type AdapterWeights,
  type BaseModel,
  EMBEDDING,
  type RowsGradients,
  tokenBatch,
  weightOf,
} from '@openledger/language-model'
import { Matrix, solve } from 'ml-matrix'
import type { Sequence } from '../../features/gradient-source.ts'
import type { Representations } from './representation-similarity.ts'

const ROWS = 8

/**
 * With tied embeddings the logits are E h, and log-probabilities are logits less a constant: so with the columns of E
 * centred, h is the solution of a least-squares problem that fits exactly.
 */
export async function hiddenStates(
  { config, weights }: BaseModel,
  rows: RowsGradients,
  adapter: AdapterWeights,
  sequences: readonly Sequence[],
): Promise<Representations> {
  const { vocabSize, hiddenSize } = config
  const embedding = Matrix.from1DArray(vocabSize, hiddenSize, weightOf(weights, EMBEDDING)).center('column')
  const targets = new Matrix(vocabSize, sequences.length)
  for (let at = 0; at < sequences.length; at += ROWS) {
    const some = sequences.slice(at, at + ROWS)
    const batch = tokenBatch(
      some.map(({ inputs }) => [...inputs, 0]),
      () => 1,
    )
    const { probabilities } = await rows.forward(adapter, batch)
    some.forEach(({ weights: counted }, row) => {
      counted.forEach((weight, place) => {
        if (weight === 0) return
        const start = (row * batch.tokens + place) * vocabSize
        for (let token = 0; token < vocabSize; token++) {
          const log = Math.log(Math.max(probabilities[start + token]!, 1e-30))
          targets.set(token, at + row, targets.get(token, at + row) + log * weight)
        }
      })
    })
  }
  const transposed = embedding.transpose()
  const states = solve(transposed.mmul(embedding), transposed.mmul(targets.center('column'))) // [hidden, sequences]
  return { values: states.transpose().to1DArray(), dimensions: hiddenSize }
}
