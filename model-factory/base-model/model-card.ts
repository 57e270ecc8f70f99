/** The base model's card, written from the facts of the run that made it. */
import { type ModelConfig, parameterCount } from '@openledger/language-model'
import { type BaseText, HELD_OUT_PACKAGES } from './corpus.ts'

export type TrainingFacts = {
  config: ModelConfig
  recipe: {
    seed: number
    steps: number
    phases: { untilStep: number; rows: number; tokens: number }[]
    peakLearningRate: number
    warmupSteps: number
    optimiser: { weightDecay: number; beta1: number; beta2: number; maxGradientNorm: number }
    validationEvery: number
  }
  texts: readonly BaseText[]
  corpusDigest: string
  trainingTokens: number
  validationTokens: number
  /** Mean nats per token. */
  validationLoss: number
  bytesPerToken: number
}

export function modelCard(facts: TrainingFacts): string {
  const { config, recipe } = facts
  const millions = (count: number) => `${(count / 1e6).toFixed(2)} million`
  const seen = recipe.phases.reduce(
    (sum, { untilStep, rows, tokens }, i) => sum + (untilStep - (recipe.phases[i - 1]?.untilStep ?? 0)) * rows * tokens,
    0,
  )
  const bitsPerByte = facts.validationLoss / Math.LN2 / facts.bytesPerToken
  return `---
license: apache-2.0
language: [en, code]
library_name: transformers
pipeline_tag: text-generation
tags: [llama, byte-level-bpe, openledger]
---

# OpenLedger base, ${millions(parameterCount(config))} parameters

The small base model under the demo's adapters: a LLaMA-architecture decoder that continues English documentation and
TypeScript or JavaScript. It is trained from nothing by a script in this repository, on one processor core, with
ONNX Runtime. Files, names and layout are those of \`LlamaForCausalLM\` in Hugging Face transformers.

| | |
|---|---|
| parameters | ${parameterCount(config).toLocaleString('en')} (fp16 here, trained in fp32) |
| layers, width, heads, feed-forward | ${config.layers}, ${config.hiddenSize}, ${config.heads} of ${config.headDim}, ${config.intermediateSize} |
| vocabulary | ${config.vocabSize}, byte-level BPE learned on the same texts; one special token (id 0, end of text) begins and ends a text |
| context | ${config.maxPositions} tokens |
| tokens seen in training | ${millions(seen)} |
| validation loss | ${facts.validationLoss.toFixed(3)} nats per token (perplexity ${Math.exp(facts.validationLoss).toFixed(1)}, ${bitsPerByte.toFixed(2)} bits per byte) on ${facts.validationTokens.toLocaleString('en')} tokens of documents that were not trained on |

## How it was trained

    npm run train:base

AdamW (betas ${recipe.optimiser.beta1} and ${recipe.optimiser.beta2}, weight decay ${recipe.optimiser.weightDecay}, gradient norm clipped at ${recipe.optimiser.maxGradientNorm}), ${recipe.steps} steps, learning rate
${recipe.peakLearningRate} after ${recipe.warmupSteps} steps of warm-up, then a cosine to a twentieth. ${recipe.phases.map(({ untilStep, rows, tokens }) => `Until step ${untilStep}: ${rows} windows of ${tokens} tokens.`).join(' ')}
Seed ${recipe.seed}, one thread. The same installed packages on the same kind of processor give the same bytes.

## Data

${facts.texts.length.toLocaleString('en')} files, ${millions(facts.texts.reduce((sum, { text }) => sum + text.length, 0))} characters, ${millions(facts.trainingTokens)} tokens to train on: documentation, TypeScript and
JavaScript of the packages that \`npm install\` brings to this repository, each under the licence in its package.json.
SHA-256 of the corpus: \`${facts.corpusDigest}\`. Where other versions of packages are installed, the
corpus and so the model come out a little different.

${table(['kind', 'files', 'packages', 'characters'], countBy(facts.texts, 'kind'))}

${table(['licence', 'files', 'packages', 'characters'], countBy(facts.texts, 'licence'))}

Left out: every other licence and every expression with a choice; minified files; copies; and, so that the demo's
adapters learn from contributed records and from nothing else, all texts of these packages and all Solidity:
${[...HELD_OUT_PACKAGES].join(', ')}.

## Limits

- It is a demonstration, small enough to be trained on one processor core in less than an hour. It writes fluent
  fragments, states nothing reliably, follows no instructions and was never taught to hold a conversation.
- English and code only; other languages cost many tokens and come out badly.
- The texts are public code and documentation: names and addresses that stand there can come out again.

## Licence

The weights and this card: Apache-2.0. The texts stay under their own licences, all of which permit this use.
`
}

type Count = { label: string; files: number; packages: number; characters: number }

function countBy(texts: readonly BaseText[], field: 'kind' | 'licence'): Count[] {
  const groups = Map.groupBy(texts, (text) => text[field])
  return [...groups]
    .map(([label, group]) => ({
      label,
      files: group.length,
      packages: new Set(group.map((text) => text.package)).size,
      characters: group.reduce((sum, { text }) => sum + text.length, 0),
    }))
    .sort((a, b) => b.characters - a.characters)
}

function table(head: string[], counts: Count[]): string {
  const rows = counts.map(({ label, files, packages, characters }) =>
    [label, files, packages, characters].map((cell) => cell.toLocaleString('en')),
  )
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
