/** The model card of a head: what it tells apart, from what it learned, how well, and its limits. */
import type { HeadTrainingManifest } from '@openledger/protocol'
import { EXTRACTORS } from './features/extractors.ts'

export function headCard(facts: { name: string; licence: string; manifest: HeadTrainingManifest }): string {
  const { manifest, name, licence } = facts
  const { classes, metrics, recipe, records } = manifest
  const count = (split: string) => records.filter((record) => record.split === split).length
  const contributors = new Set(records.map(({ contributor }) => contributor)).size
  const datanets = manifest.datanets
    .map(({ id, version, asOfBlock }) => `- \`${id}\`, version ${version}, as of block ${asOfBlock}`)
    .join('\n')
  return `---
license: ${licence.toLowerCase()}
tags: [openledger, ${recipe.kind}]
---

# ${name}

A softmax regression that tells ${classes.length} classes apart: ${classes.join(', ')}. It reads ${EXTRACTORS[recipe.kind].description}
(\`${manifest.extractor}\`).

| | |
|---|---|
| trained on | ${count('train')} records of ${contributors} contributors, copies taken once |
| validated on | ${count('validation')} records that were not trained on |
| accuracy | ${(100 * metrics.accuracy).toFixed(1)} % of these |
| validation loss | ${metrics.lossAfter.toFixed(4)} nats per record; ${metrics.lossBefore.toFixed(4)} by the classes' shares alone |
| gradient at the optimum | ${metrics.gradientNorm.toExponential(1)} |

## Data

${datanets}

The training manifest names every record, its label, its contributor and its contribution, and the features of each.

## Limits

It knows only these classes and gives every input to one of them. The accuracy is measured on few records.
`
}
