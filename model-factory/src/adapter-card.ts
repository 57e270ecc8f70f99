/** The model card that goes with an adapter: what it is, what it learned from, how well, and its limits. */
import type { TrainingManifest } from '@openledger/protocol'

export type AdapterCardFacts = {
  name: string
  licence: string
  parameters: number
  manifest: TrainingManifest
  /** Canonical records whose end did not fit into the context. */
  cutRecords: number
}

export function adapterCard({ name, licence, parameters, manifest, cutRecords }: AdapterCardFacts): string {
  const { metrics, recipe, records } = manifest
  const count = (split: string) => records.filter((record) => record.split === split).length
  const contributors = new Set(records.map(({ contributor }) => contributor)).size
  const datanets = manifest.datanets
    .map(({ id, version, asOfBlock }) => `- \`${id}\`, version ${version}, as of block ${asOfBlock}`)
    .join('\n')
  return `---
license: ${licence.toLowerCase()}
base_model: openledger/${manifest.base}
library_name: peft
tags: [lora, openledger]
---

# ${name}

A LoRA adapter (rank ${recipe.rank}, alpha ${recipe.alpha}, on ${recipe.targets.join(', ')}; ${parameters.toLocaleString('en')} parameters) on the base model
\`${manifest.base}\`.

| | |
|---|---|
| trained on | ${count('train')} records of ${contributors} contributors, near copies taken once |
| validated on | ${count('validation')} records that were not trained on |
| validation loss | ${metrics.lossBefore.toFixed(4)} nats per token with the base alone, ${metrics.lossAfter.toFixed(4)} with the adapter |
| cut off at ${recipe.contextTokens} tokens | ${cutRecords} records |

## Data

${datanets}

The training manifest names every record, its contributor and its contribution.

## Training

AdamW, learning rate ${recipe.learningRate}, ${recipe.epochs} epochs in batches of ${recipe.batchSize}. Seed ${recipe.seeds[0]} is served; ${recipe.seeds.slice(1).join(', ')} ${recipe.seeds.length > 2 ? 'are' : 'is'} there for attribution's
uncertainty. The same seed on the same machine gives the same bytes.

## Limits

It continues texts of the kind it was trained on, and knows nothing that its base and these records do not. The loss is
measured on few records; a difference of a few hundredths between adapters means nothing.
`
}
