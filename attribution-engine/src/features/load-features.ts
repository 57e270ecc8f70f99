/** Reads published features, and believes nothing that the manifest does not prove by its lengths. */
import type { ContentStore } from '@openledger/content-store'
import { FeaturesManifest, OpenLedgerError, parseManifest } from '@openledger/protocol'
import type { FeatureSet } from '../influence/score.ts'
import { SCALE_LIMIT } from './quantise.ts'

export type PublishedFeatures = { cid: string; manifest: FeaturesManifest; features: FeatureSet }

/**
 * @throws manifest.malformed; content.missing and what else the store throws; features.file_length for a file of another
 *   length than records and parameters give; features.scale_out_of_range; features.duplicate
 */
export async function loadFeatures(contentStore: Pick<ContentStore, 'get'>, cid: string): Promise<PublishedFeatures> {
  const manifest = parseManifest(FeaturesManifest, await contentStore.get(cid), 'features manifest')
  refuseRepeats('record', manifest.records)
  refuseRepeats(
    'layer',
    manifest.layers.map((layer) => `${layer.seed} ${layer.checkpoint}`),
  )
  refuseExponents(manifest)
  const rows = manifest.records.length
  const layers: FeatureSet['layers'][number][] = []
  for (const layer of manifest.layers) {
    const signs = await contentStore.get(layer.signs)
    refuseLength('signs', layer.signs, signs.length, rows * Math.ceil(manifest.parameters / 8))
    const bytes = await contentStore.get(layer.scales)
    refuseLength('scales', layer.scales, bytes.length, rows * 4)
    const scales = readScales(layer.scales, bytes)
    layers.push({ seed: layer.seed, signs, scales, scaleExponent: layer.scaleExponent })
  }
  return { cid, manifest, features: { parameters: manifest.parameters, records: manifest.records, layers } }
}

/** [records] little-endian int32. */
export function writeScales(scales: Int32Array): Uint8Array {
  const bytes = new Uint8Array(scales.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [row, scale] of scales.entries()) view.setInt32(row * 4, scale, true)
  return bytes
}

function readScales(cid: string, bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const scales = Int32Array.from({ length: bytes.length / 4 }, (_, row) => view.getInt32(row * 4, true))
  const row = scales.findIndex((scale) => scale < 0 || scale >= SCALE_LIMIT)
  if (row === -1) return scales
  throw new OpenLedgerError('features.scale_out_of_range', 'A scale is negative or too large.', {
    facts: { cid, row, scale: scales[row]!, limit: SCALE_LIMIT },
    nextStep: 'Dispute the epoch: these features were not made by the published method.',
  })
}

/** Bounds every score below 2^127, so that a hostile manifest can make neither numbers nor memory grow. */
function refuseExponents(manifest: FeaturesManifest): void {
  const exponents = manifest.layers.map((layer) => layer.scaleExponent)
  const [least, largest] = [Math.min(...exponents), Math.max(...exponents)]
  if (largest - least <= 64) return
  throw new OpenLedgerError('features.scale_out_of_range', 'The scales of two layers are too far apart.', {
    facts: { least, largest, limit: 64 },
    nextStep: 'Dispute the epoch: these features were not made by the published method.',
  })
}

function refuseLength(file: string, cid: string, length: number, expected: number): void {
  if (length === expected) return
  throw new OpenLedgerError('features.file_length', `The file of ${file} has another length than its manifest says.`, {
    facts: { cid, length, expected },
    nextStep: 'Dispute the epoch: these features were not made by the published method.',
  })
}

function refuseRepeats(what: string, names: readonly string[]): void {
  const repeated = findRepeated(names)
  if (repeated === undefined) return
  throw new OpenLedgerError('features.duplicate', `The features have the same ${what} twice.`, {
    facts: { repeated },
    nextStep: 'Dispute the epoch: what stands twice would be paid twice.',
  })
}

function findRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  return names.find((name) => seen.size === seen.add(name).size)
}
