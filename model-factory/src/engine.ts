import { type BaseModel, buildTrainingGraph, type LoraConfig, RUNTIME } from '@openledger/language-model'
import { digestOf } from '@openledger/protocol'

/** What a training run computed with. The graph's digest pins the base's weights and every operator of the gradient. */
export function describeEngine({ config, weights }: BaseModel, lora: LoraConfig): Record<string, string> {
  const graph = buildTrainingGraph(config, { kind: 'lora', weights, lora }, { kind: 'gradient' })
  return {
    runtime: RUNTIME,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    gradientGraph: digestOf(graph),
  }
}
