/**
 * A model's bill of materials as CycloneDX 1.6: the model with its card, its files by hash, and its Datanets as data.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
import { createHash } from 'node:crypto'
import { digestOfCid } from '@openledger/protocol'
import type { PublishedModel } from './provenance.ts'

export function billOfMaterials({ artefactDigest, manifest, training }: PublishedModel): Record<string, unknown> {
  const files = Object.entries(manifest.files).map(([name, cid]) => ({
    type: 'file',
    'bom-ref': `file:${name}`,
    name,
    hashes: [{ alg: 'SHA-256', content: digestOfCid(cid).slice(2) }],
    externalReferences: [{ type: 'distribution', url: `ipfs://${cid}` }],
  }))
  const datanets = (training?.datanets ?? []).map(({ id, version, asOfBlock }) => ({
    type: 'data',
    'bom-ref': `datanet:${id}`,
    name: id,
    version: String(version),
    data: [{ type: 'dataset', name: id }],
    properties: [{ name: 'openledger:asOfBlock', value: String(asOfBlock) }],
  }))
  const records = training?.records ?? []
  const base =
    manifest.base === null ? [] : [{ type: 'machine-learning-model', 'bom-ref': 'base', name: manifest.base }]
  const metrics = Object.entries(training?.metrics ?? {}).map(([type, value]) => ({ type, value: String(value) }))
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(artefactDigest)}`,
    version: 1,
    metadata: {
      component: {
        type: 'machine-learning-model',
        'bom-ref': 'model',
        name: manifest.name,
        version: artefactDigest,
        hashes: [{ alg: 'SHA-256', content: artefactDigest.slice(2) }],
        licenses: [{ expression: manifest.licence }],
        modelCard: {
          modelParameters: {
            task: manifest.modelKind === 'head' ? 'classification' : 'text-generation',
            datasets: datanets.map(({ 'bom-ref': ref }) => ({ ref })),
          },
          ...(metrics.length > 0 && { quantitativeAnalysis: { performanceMetrics: metrics } }),
        },
        properties: [
          { name: 'openledger:modelKind', value: manifest.modelKind },
          {
            name: 'openledger:trainingRecords',
            value: String(records.filter(({ split }) => split === 'train').length),
          },
          ...(manifest.training === null ? [] : [{ name: 'openledger:trainingManifest', value: manifest.training }]),
        ],
      },
    },
    components: [...base, ...files, ...datanets],
    dependencies: [
      { ref: 'model', dependsOn: [...base, ...files, ...datanets].map((component) => component['bom-ref']) },
    ],
  }
}

/** A UUID of version 8 that the digest decides: the same model has the same bill. */
function uuidOf(digest: string): string {
  const bytes = createHash('sha256').update(`openledger/bom ${digest}`).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
