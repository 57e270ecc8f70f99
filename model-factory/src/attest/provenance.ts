/**
 * Where a model comes from, as an in-toto statement with SLSA's provenance: its files are the subjects; the base, every
 * record and the manifests are what it was made from.
 *
 * @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and https://slsa.dev/spec/v1.0/provenance
 */
import {
  type Digest,
  digestOfCid,
  type HeadTrainingManifest,
  type ModelManifest,
  type TrainingManifest,
} from '@openledger/protocol'

export type Statement = {
  _type: 'https://in-toto.io/Statement/v1'
  subject: { name: string; digest: { sha256: string } }[]
  predicateType: 'https://slsa.dev/provenance/v1'
  predicate: {
    buildDefinition: {
      buildType: string
      externalParameters: Record<string, unknown>
      internalParameters: Record<string, unknown>
      resolvedDependencies: { uri: string; digest: { sha256: string } }[]
    }
    runDetails: { builder: { id: string } }
  }
}

/** A model as it was published. */
export type PublishedModel = {
  manifest: ModelManifest
  /** Of the manifest. */
  artefactDigest: Digest
  /** Null for a base that was brought along. */
  training: TrainingManifest | HeadTrainingManifest | null
}

export function provenanceOf({ artefactDigest, manifest, training }: PublishedModel): Statement {
  const dependencies = [
    ...(manifest.base === null
      ? []
      : [{ uri: `openledger:model:${manifest.base}`, digest: { sha256: bare(manifest.base) } }]),
    ...(manifest.training === null ? [] : [contentOf(manifest.training)]),
    ...(training?.records ?? []).map(({ digest }) => ({
      uri: `openledger:record:${digest}`,
      digest: { sha256: bare(digest) },
    })),
  ]
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: 'model manifest', digest: { sha256: bare(artefactDigest) } },
      ...Object.entries(manifest.files).map(([name, cid]) => ({ name, digest: contentOf(cid).digest })),
    ],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: `https://openledger.xyz/training/${training?.kind ?? 'none'}`,
        externalParameters: {
          name: manifest.name,
          datanets: training?.datanets ?? [],
          recipe: training?.recipe ?? null,
        },
        internalParameters: { engine: training?.engine ?? null },
        resolvedDependencies: dependencies,
      },
      runDetails: { builder: { id: 'https://openledger.xyz/model-factory' } },
    },
  }
}

function contentOf(cid: string) {
  return { uri: `ipfs://${cid}`, digest: { sha256: bare(digestOfCid(cid)) } }
}

function bare(digest: string): string {
  return digest.slice(2)
}
