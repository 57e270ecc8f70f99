import { z } from 'zod'
import { address, bytes32, cid, contributionId, datanetVersion } from './primitives.ts'

/** Which files make a model, by content. Its digest is the model's `artefactDigest` on chain. */
export const ModelManifest = z.object({
  kind: z.literal('openledger/model@1'),
  modelKind: z.enum(['base', 'adapter', 'head']),
  name: z.string().min(1).max(128),
  /** On-chain id of the base that an adapter adapts or a head stands on; null for a base. */
  base: bytes32.nullable(),
  licence: z.string().min(1).max(128),
  /** File name → CID, with Hugging Face's names: config.json, model.safetensors, adapter_config.json, … */
  files: z.record(z.string().regex(/^[A-Za-z0-9._-]{1,128}$/), cid),
  /** CID of the training manifest; null where the model was not trained on Datanets. */
  training: cid.nullable(),
})
export type ModelManifest = z.infer<typeof ModelManifest>

export const ClusterMember = z.object({ digest: bytes32, contributionId, contributor: address })
export type ClusterMember = z.infer<typeof ClusterMember>

/** Records that say the same, found before training: a cluster is trained on once and earns once. */
export const ClustersManifest = z.object({
  kind: z.literal('openledger/clusters@1'),
  datanets: z.array(datanetVersion).min(1),
  /** All that decides the result: shingle length, permutations, threshold, seed. */
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  clusters: z.array(
    z.object({
      /** The member that was on chain first; it stands for the cluster and is paid for it. */
      canonical: bytes32,
      members: z.array(ClusterMember).min(1),
    }),
  ),
})
export type ClustersManifest = z.infer<typeof ClustersManifest>

export const TrainingRecord = ClusterMember.extend({ split: z.enum(['train', 'validation']) })
export type TrainingRecord = z.infer<typeof TrainingRecord>

export const CheckpointName = z.enum(['initial', 'epoch-1', 'epoch-2', 'final'])
export type CheckpointName = z.infer<typeof CheckpointName>

/** All that is needed to train an adapter again. */
export const TrainingManifest = z.object({
  kind: z.literal('openledger/training@1'),
  base: bytes32,
  datanets: z.array(datanetVersion).min(1),
  clusters: cid,
  recipe: z.object({
    rank: z.int().min(1),
    alpha: z.number(),
    targets: z.array(z.string()).min(1),
    learningRate: z.number(),
    warmupSteps: z.int(),
    epochs: z.int().min(1),
    batchSize: z.int().min(1),
    contextTokens: z.int().min(2),
    /** The first is served; the others give attribution its uncertainty. */
    seeds: z.array(z.int()).min(1),
    validationShare: z.number(),
    // What follows may be left out: a plain run has none of it.
    /** Part of each delta's inputs that each step leaves out, in [0, 1). */
    dropout: z.number().optional(),
    /** How the learning rate goes on after the warm-up: to a tenth in a straight line or half a cosine, or not at all. */
    schedule: z.enum(['linear', 'cosine', 'constant']).optional(),
    /** Epochs without a lower validation loss after which training ends, with the best epoch's weights; 0 for never. */
    patience: z.int().optional(),
    /** Whether several records share a row, unseen by each other. */
    isPacked: z.boolean().optional(),
    /** For records that are JSON rows: what is given and what is to be learned, with `{column}` for a column. */
    promptTemplate: z.string().max(4096).optional(),
    completionTemplate: z.string().max(4096).optional(),
    /** Whether the prompt is learned too. */
    learnsPrompt: z.boolean().optional(),
    /** Bits that the base's projections are held with while it trains. */
    baseBits: z.union([z.literal(8), z.literal(32)]).optional(),
  }),
  /** Canonical records only, in the order of the feature matrices' rows. */
  records: z.array(TrainingRecord).min(2),
  checkpoints: z.array(z.object({ seed: z.int(), name: CheckpointName, cid })),
  metrics: z.object({
    /** Mean nats per token on the validation records, base against adapter (first seed). */
    lossBefore: z.number(),
    lossAfter: z.number(),
    trainTokens: z.int(),
    seconds: z.number(),
  }),
  engine: z.record(z.string(), z.string()),
})
export type TrainingManifest = z.infer<typeof TrainingManifest>

/** How a head is trained: a softmax regression on what an extractor sees of each record. */
export const HeadRecipe = z.object({
  kind: z.enum(['image-head', 'audio-head', 'text-head']),
  /** `folder`: what stands before the first "/" of a record's title. `column`: a column of JSON rows. */
  label: z.enum(['folder', 'column']),
  /** Of JSON rows; not looked at with `folder`. */
  textColumn: z.string().min(1).max(128),
  labelColumn: z.string().min(1).max(128),
  /** λ of λ/2 ‖W‖², above 0. */
  ridge: z.number().positive(),
  validationShare: z.number(),
})
export type HeadRecipe = z.infer<typeof HeadRecipe>

/** All that is needed to train a head again, to the same bits, and to say what each record did to it. */
export const HeadTrainingManifest = z.object({
  kind: z.literal('openledger/head-training@1'),
  base: bytes32,
  datanets: z.array(datanetVersion).min(1),
  clusters: cid,
  recipe: HeadRecipe,
  /** Name and version of what turned records into numbers. */
  extractor: z.string().min(1),
  /** In the order of the weights' rows. */
  classes: z.array(z.string().min(1).max(128)).min(2),
  /** Canonical records only, in the order of the features' rows. */
  records: z.array(TrainingRecord.extend({ label: z.string() })).min(2),
  /** CID of a safetensors file: `features` [records, dimensions] as extracted, before they are standardised. */
  features: cid,
  metrics: z.object({
    /** Mean nats per validation record: of the classes' shares in the training records, and of the head. */
    lossBefore: z.number(),
    lossAfter: z.number(),
    /** Part of the validation records whose likeliest class is theirs. */
    accuracy: z.number(),
    /** Of the objective at the weights, in double precision, before they were rounded to be stored. */
    gradientNorm: z.number(),
    seconds: z.number(),
  }),
  engine: z.record(z.string(), z.string()),
})
export type HeadTrainingManifest = z.infer<typeof HeadTrainingManifest>

/** Attribution features of an adapter's training records, committed on chain before it is paid for. */
export const FeaturesManifest = z.object({
  kind: z.literal('openledger/features@1'),
  modelId: bytes32,
  training: cid,
  /** Length of a gradient: number of LoRA parameters. */
  parameters: z.int().min(1),
  /** Digests of the rows: the training records of split "train", in the training manifest's order. */
  records: z.array(bytes32).min(1),
  layers: z
    .array(
      z.object({
        seed: z.int(),
        checkpoint: CheckpointName,
        /** [records, ceil(parameters / 8)] bytes: one sign bit a coordinate, least significant bit first, 1 = negative. */
        signs: cid,
        /** [records] little-endian int32: the row's mean magnitude in units of 2^scaleExponent. */
        scales: cid,
        scaleExponent: z.int(),
      }),
    )
    .min(1),
  method: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type FeaturesManifest = z.infer<typeof FeaturesManifest>
