/**
 * What a head stands on is registered like any base model: the extractor, by name, version and the digest of what it
 * computes from nothing, so that a head's lineage says what turned its records into numbers.
 */
import type { ContentStore } from '@openledger/content-store'
import { type Digest, digestOfCid, type ModelManifest } from '@openledger/protocol'
import { EXTRACTORS, type HeadKind } from './features/extractors.ts'

/** @returns the digest under which the extractor is registered as a base model: its manifest's */
export async function publishExtractor(
  contentStore: ContentStore,
  kind: HeadKind,
): Promise<{ name: string; licence: string; artefactDigest: Digest }> {
  const { name, dimensions, description } = EXTRACTORS[kind]
  const card = `# ${name}\n\nA feature extractor without learned weights: ${description}. ${dimensions} numbers a record.\nIts definition is the source of @openledger/model-factory.\n`
  const manifest: ModelManifest = {
    kind: 'openledger/model@1',
    modelKind: 'base',
    name,
    base: null,
    licence: 'Apache-2.0',
    files: {
      'extractor.json': await contentStore.putJson({ kind, name, dimensions, description }),
      'README.md': await contentStore.put(new TextEncoder().encode(card)),
    },
    training: null,
  }
  return { name, licence: manifest.licence, artefactDigest: digestOfCid(await contentStore.putJson(manifest)) }
}
