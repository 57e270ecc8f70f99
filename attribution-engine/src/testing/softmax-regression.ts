/**
 * A model whose influence is known: multinomial logistic regression from each input token to its target, with a ridge.
 * It is convex, so training has one answer and leaving a record out can be done exactly.
 */
import { seededRandom } from '@openledger/language-model'
import { Matrix, solve } from 'ml-matrix'
import type { GradientSource, Sequence } from '../features/gradient-source.ts'

export type SoftmaxRegression = GradientSource & {
  /** Minimum of the sum of weighted losses plus ridge/2 · |parameters|², by Newton's method. */
  train(sequences: readonly Sequence[], from?: Float64Array): Float64Array
  /** Makes parameters available as a checkpoint. */
  save(checkpoint: string, parameters: Float64Array): void
  loss(parameters: Float64Array, sequence: Sequence): number
}

export type SoftmaxRegressionShape = { inputs: number; features: number; classes: number; ridge: number; seed: number }

/** @param shape input tokens, random features of each, target classes */
export function softmaxRegression(shape: SoftmaxRegressionShape): SoftmaxRegression {
  const { inputs, features, classes, ridge } = shape
  const random = seededRandom(shape.seed)
  const embedding = Float64Array.from({ length: inputs * features }, () => random.normal() / Math.sqrt(features))
  const parameters = features * classes
  const checkpoints = new Map<string, Float64Array>()

  const tables = new WeakMap<Float64Array, Float64Array[]>()

  /** Of the classes after an input token; each set of parameters is evaluated once, for all tokens. */
  function probabilities(weights: Float64Array, input: number): Float64Array {
    const table = tables.get(weights) ?? Array.from({ length: inputs }, (_, token) => softmax(weights, token))
    tables.set(weights, table)
    return table[input]!
  }

  function softmax(weights: Float64Array, input: number): Float64Array {
    const logits = new Float64Array(classes)
    for (let k = 0; k < classes; k++) {
      for (let f = 0; f < features; f++) logits[k]! += embedding[input * features + f]! * weights[k * features + f]!
    }
    const largest = Math.max(...logits)
    const exponentials = logits.map((logit) => Math.exp(logit - largest))
    const sum = exponentials.reduce((total, value) => total + value, 0)
    return exponentials.map((value) => value / sum)
  }

  function gradient(weights: Float64Array, { inputs: tokens, targets, weights: counts }: Sequence): Float64Array {
    const result = new Float64Array(parameters)
    for (const [place, token] of tokens.entries()) {
      const p = probabilities(weights, token)
      for (let k = 0; k < classes; k++) {
        const error = counts[place]! * (p[k]! - (k === targets[place] ? 1 : 0))
        for (let f = 0; f < features; f++) result[k * features + f]! += error * embedding[token * features + f]!
      }
    }
    return result
  }

  function hessian(weights: Float64Array, sequences: readonly Sequence[]): Matrix {
    const mass = new Float64Array(inputs)
    for (const { inputs: tokens, weights: counts } of sequences) {
      for (const [place, token] of tokens.entries()) mass[token]! += counts[place]!
    }
    const rows = Array.from({ length: parameters }, (_, a) => {
      const row = new Float64Array(parameters)
      row[a] = ridge
      return row
    })
    for (let token = 0; token < inputs; token++) {
      const p = probabilities(weights, token)
      const x = embedding.subarray(token * features, (token + 1) * features)
      for (const [a, row] of rows.entries()) {
        const ka = Math.floor(a / features)
        const left = mass[token]! * p[ka]! * x[a % features]!
        for (let kb = 0; kb < classes; kb++) {
          const factor = left * ((ka === kb ? 1 : 0) - p[kb]!)
          for (let f = 0; f < features; f++) row[kb * features + f]! += factor * x[f]!
        }
      }
    }
    return new Matrix(rows.map((row) => [...row]))
  }

  function train(sequences: readonly Sequence[], from = new Float64Array(parameters)): Float64Array {
    let weights = from
    for (let step = 0; step < 30; step++) {
      const slope = weights.map((weight) => ridge * weight)
      for (const sequence of sequences) for (const [i, g] of gradient(weights, sequence).entries()) slope[i]! += g
      const move = solve(hessian(weights, sequences), Matrix.columnVector(Array.from(slope))).to1DArray()
      weights = weights.map((weight, i) => weight - move[i]!)
      if (Math.max(...move.map(Math.abs)) < 1e-9) return weights
    }
    throw new Error('Newton’s method did not converge')
  }

  function loss(weights: Float64Array, { inputs: tokens, targets, weights: counts }: Sequence): number {
    return tokens.reduce((sum, token, place) => {
      return sum - counts[place]! * Math.log(probabilities(weights, token)[targets[place]!]!)
    }, 0)
  }

  return {
    parameters,
    train,
    loss,
    save: (checkpoint, weights) => void checkpoints.set(checkpoint, weights),
    async gradients(checkpoint, sequences) {
      const weights = checkpoints.get(checkpoint)!
      const all = new Float32Array(sequences.length * parameters)
      for (const [row, sequence] of sequences.entries()) all.set(gradient(weights, sequence), row * parameters)
      return all
    },
    async sampleTargets(checkpoint, sequences, seed) {
      const weights = checkpoints.get(checkpoint)!
      const labels = seededRandom(seed)
      return sequences.map((sequence) => ({
        ...sequence,
        targets: sequence.inputs.map((token) => {
          let level = labels.uniform()
          return Math.max(
            0,
            probabilities(weights, token).findIndex((p) => {
              level -= p
              return level < 0
            }),
          )
        }),
      }))
    },
  }
}
