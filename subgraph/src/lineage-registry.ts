import { BigInt, Bytes, DataSourceContext } from '@graphprotocol/graph-ts'
import {
  AttestationRevoked,
  AttesterSet,
  Contributed,
  ContributionFlagSet,
  ContributionRulesSet,
  DatanetCreated,
  DisputeFlagSet,
  FeaturesPublished,
  FlaggerSet,
  ModelRegistered,
  OwnerChanged,
} from '../generated/LineageRegistry/LineageRegistry'
import {
  AttestationRevocation,
  Contribution,
  ContributionFlag,
  ContributionPoint,
  Datanet,
  DatanetContributor,
  DisputeFlag,
  Features,
  Model,
  ModelParent,
  OwnerChange,
} from '../generated/schema'
import { ContributionFile } from '../generated/templates'
import { createOrLoadAccount, touchAccount } from './account'
import { cidOfDigest } from './content'
import { createOrLoadStanding, standingIdOf } from './contribution-standing'
import { idOf } from './event-id'
import { savePermission } from './permission'
import { createOrLoadProtocol } from './protocol'
import { saveOffice } from './setting'
import { wordsIn } from './words'

const MODALITIES = ['Text', 'Image', 'Audio', 'Other']
const MODEL_KINDS = ['None', 'Base', 'Adapter', 'Head']

export function handleDatanetCreated(event: DatanetCreated): void {
  touchAccount(event.params.owner)
  const datanet = new Datanet(event.params.datanetId)
  datanet.owner = event.params.owner
  datanet.name = event.params.name
  datanet.words = wordsIn(event.params.name, event.params.licence)
  datanet.modality = MODALITIES[event.params.modality]
  datanet.licenceFlags = event.params.licenceFlags
  datanet.royaltyPpm = event.params.royaltyPpm.toI32()
  datanet.licence = event.params.licence
  datanet.metadataDigest = event.params.metadataDigest
  datanet.isCurated = event.params.curated
  datanet.isDisputed = false
  datanet.version = 0
  datanet.contributorCount = 0
  datanet.recordCount = BigInt.zero()
  datanet.sizeBytes = BigInt.zero()
  datanet.blockNumber = event.block.number
  datanet.timestamp = event.block.timestamp
  datanet.save()

  const protocol = createOrLoadProtocol()
  protocol.datanetCount += 1
  protocol.save()
}

export function handleContributed(event: Contributed): void {
  const datanet = Datanet.load(event.params.datanetId)
  if (datanet === null) return // the contract refuses contributions to what does not exist
  const version = datanet.version + 1
  const id = event.params.datanetId.concatI32(version)
  const cid = cidOfDigest(event.params.manifestDigest)
  const standing = createOrLoadStanding(
    standingIdOf(
      event.params.datanetId,
      event.params.contributor,
      event.params.manifestDigest,
      event.params.recordRoot,
    ),
  )
  standing.datanet = event.params.datanetId
  standing.contributor = event.params.contributor
  standing.contributionCount += 1
  standing.save()

  const contribution = new Contribution(id)
  contribution.datanet = event.params.datanetId
  contribution.contributor = event.params.contributor
  contribution.version = version
  contribution.manifestDigest = event.params.manifestDigest
  contribution.manifestCid = cid
  contribution.recordRoot = event.params.recordRoot
  contribution.recordCount = event.params.recordCount
  contribution.sizeBytes = event.params.sizeBytes
  contribution.licence = event.params.licence
  contribution.standing = standing.id
  contribution.blockNumber = event.block.number
  contribution.logIndex = event.logIndex.toI32()
  contribution.timestamp = event.block.timestamp
  contribution.transactionHash = event.transaction.hash
  contribution.save()
  const point = new ContributionPoint(0) // graph-node gives points their numbers
  point.contract = event.address
  point.datanet = event.params.datanetId
  point.recordCount = event.params.recordCount
  point.sizeBytes = event.params.sizeBytes
  point.save()

  addToTotals(event, datanet, version)

  // A file's handler cannot read what chain handlers saved, so it is told what it must compare the manifest with. The id
  // also keeps two contributions of the same manifest apart.
  const context = new DataSourceContext()
  context.setBytes('id', id)
  context.setBytes('datanetId', event.params.datanetId)
  context.setBytes('contributor', event.params.contributor)
  context.setBytes('standing', standing.id)
  context.setString('licence', event.params.licence)
  context.setBigInt('recordCount', event.params.recordCount)
  ContributionFile.createWithContext(cid, context)
}

function addToTotals(event: Contributed, datanet: Datanet, version: i32): void {
  const recordCount = event.params.recordCount
  const sizeBytes = event.params.sizeBytes
  const partId = event.params.datanetId.concat(event.params.contributor)
  let part = DatanetContributor.load(partId)
  if (part === null) {
    part = new DatanetContributor(partId)
    part.datanet = datanet.id
    part.contributor = event.params.contributor
    part.contributionCount = 0
    part.recordCount = BigInt.zero()
    part.sizeBytes = BigInt.zero()
    datanet.contributorCount += 1
  }
  part.contributionCount += 1
  part.recordCount = part.recordCount.plus(recordCount)
  part.sizeBytes = part.sizeBytes.plus(sizeBytes)
  part.save()

  datanet.version = version
  datanet.recordCount = datanet.recordCount.plus(recordCount)
  datanet.sizeBytes = datanet.sizeBytes.plus(sizeBytes)
  datanet.save()

  const contributor = createOrLoadAccount(event.params.contributor)
  contributor.contributionCount += 1
  contributor.recordCount = contributor.recordCount.plus(recordCount)
  contributor.save()

  const protocol = createOrLoadProtocol()
  protocol.contributionCount += 1
  protocol.recordCount = protocol.recordCount.plus(recordCount)
  protocol.save()
}

export function handleModelRegistered(event: ModelRegistered): void {
  touchAccount(event.params.owner)
  const id = event.params.modelId
  const model = new Model(id)
  model.kind = MODEL_KINDS[event.params.kind]
  model.owner = event.params.owner
  model.name = event.params.name
  model.words = wordsIn(event.params.name)
  model.base = baseOf(event)
  model.licenceFlags = event.params.licenceFlags
  model.royaltyPpm = event.params.royaltyPpm.toI32()
  model.licence = event.params.licence
  model.artefactDigest = event.params.artefactDigest
  model.artefactCid = cidOfDigest(event.params.artefactDigest)
  model.trainingRoot = event.params.trainingRoot
  model.isDisputed = false
  model.settlementCount = 0
  model.settledWei = BigInt.zero()
  model.contributorsWei = BigInt.zero()
  model.stakersWei = BigInt.zero()
  model.blockNumber = event.block.number
  model.timestamp = event.block.timestamp
  model.save()

  const parents = event.params.parents
  for (let i = 0; i < parents.length; i++) {
    const edge = new ModelParent(id.concatI32(i))
    edge.model = id
    edge.index = i
    edge.asOfBlock = parents[i].asOfBlock
    edge.version = 0
    if (edge.asOfBlock.isZero()) {
      edge.parentModel = parents[i].id
    } else {
      edge.datanet = parents[i].id
      edge.version = versionAsOf(parents[i].id, edge.asOfBlock)
    }
    edge.save()
  }

  const protocol = createOrLoadProtocol()
  protocol.modelCount += 1
  protocol.save()
}

/** How many contributions a Datanet had at the end of a block: a bisection, for they are numbered in the order of blocks. */
function versionAsOf(datanetId: Bytes, block: BigInt): i32 {
  const datanet = Datanet.load(datanetId)
  if (datanet === null) return 0 // the contract refuses parents that do not exist
  let known = 0
  let beyond = datanet.version + 1
  while (beyond - known > 1) {
    const middle = known + (beyond - known) / 2
    const contribution = Contribution.load(datanetId.concatI32(middle))
    if (contribution !== null && contribution.blockNumber <= block) known = middle
    else beyond = middle
  }
  return known
}

/** A base is its own base; anything else names its base first, as of block 0: the contract refuses all other orders. */
function baseOf(event: ModelRegistered): Bytes {
  const parents = event.params.parents
  const isDerived = parents.length > 0 && parents[0].asOfBlock.isZero()
  return isDerived ? parents[0].id : event.params.modelId
}

export function handleFeaturesPublished(event: FeaturesPublished): void {
  touchAccount(event.params.attester)
  const features = new Features(event.params.modelId)
  features.model = event.params.modelId
  features.attester = event.params.attester
  features.digest = event.params.featuresDigest
  features.cid = cidOfDigest(event.params.featuresDigest)
  features.blockNumber = event.block.number
  features.timestamp = event.block.timestamp
  features.transactionHash = event.transaction.hash
  features.save()
}

export function handleOwnerChanged(event: OwnerChanged): void {
  touchAccount(event.params.from)
  touchAccount(event.params.to)
  const change = new OwnerChange(idOf(event))
  change.subject = event.params.id
  change.from = event.params.from
  change.to = event.params.to
  change.blockNumber = event.block.number
  change.timestamp = event.block.timestamp
  change.save()

  const model = Model.load(event.params.id)
  if (model !== null) {
    model.owner = event.params.to
    model.save()
  }
  const datanet = Datanet.load(event.params.id)
  if (datanet !== null) {
    datanet.owner = event.params.to
    datanet.save()
  }
}

export function handleAttesterSet(event: AttesterSet): void {
  const account = createOrLoadAccount(event.params.attester)
  account.isAttester = event.params.allowed
  account.save()
  savePermission(event, 'attester', event.params.attester, event.params.allowed)
}

export function handleFlaggerSet(event: FlaggerSet): void {
  savePermission(event, 'flagger', event.params.flagger, event.params.allowed)
}

export function handleContributionRulesSet(event: ContributionRulesSet): void {
  saveOffice(event, 'contributionRules', event.params.rules)
}

export function handleAttestationRevoked(event: AttestationRevoked): void {
  touchAccount(event.params.contributor)
  const revocation = new AttestationRevocation(idOf(event))
  revocation.contributor = event.params.contributor
  revocation.digest = event.params.digest
  revocation.blockNumber = event.block.number
  revocation.timestamp = event.block.timestamp
  revocation.transactionHash = event.transaction.hash
  revocation.save()
}

export function handleDisputeFlagSet(event: DisputeFlagSet): void {
  const datanet = Datanet.load(event.params.id)
  if (datanet !== null) {
    datanet.isDisputed = event.params.flagged
    datanet.save()
  }
  const model = Model.load(event.params.id)
  if (model !== null) {
    model.isDisputed = event.params.flagged
    model.save()
  }
  const flag = new DisputeFlag(idOf(event))
  flag.subject = event.params.id
  flag.flagger = event.params.flagger
  flag.isDisputed = event.params.flagged
  flag.reasonDigest = event.params.reasonDigest
  flag.blockNumber = event.block.number
  flag.timestamp = event.block.timestamp
  flag.transactionHash = event.transaction.hash
  flag.save()
}

export function handleContributionFlagSet(event: ContributionFlagSet): void {
  const standing = createOrLoadStanding(event.params.contributionId)
  standing.datanet = event.params.datanetId
  standing.isDisputed = event.params.flagged
  standing.save()
  const flag = new ContributionFlag(idOf(event))
  flag.standing = standing.id
  flag.flagger = event.params.flagger
  flag.isDisputed = event.params.flagged
  flag.reasonDigest = event.params.reasonDigest
  flag.blockNumber = event.block.number
  flag.timestamp = event.block.timestamp
  flag.transactionHash = event.transaction.hash
  flag.save()
}
