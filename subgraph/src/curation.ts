import { Address, BigInt, Bytes, ethereum, Value } from '@graphprotocol/graph-ts'
import {
  Appealed,
  AppealRuled,
  BondReturned,
  BountyTaken,
  ConsentWithdrawn,
  ContributionBonded,
  CouncilSet,
  HarmSlashed,
  ParametersSet,
  RecordConsentWithdrawn,
  RejectionSlashed,
  RulesSet,
  SlasherSet,
  StatusChanged,
  Swept,
  Validated,
  ValidatorListed,
} from '../generated/Curation/Curation'
import {
  BountyPayment,
  ConsentWithdrawal,
  ContributionStanding,
  CurationEvent,
  DatanetRuleSet,
  DatanetValidator,
  RecordWithdrawal,
  SlashSweep,
  Validation,
} from '../generated/schema'
import { touchAccount } from './account'
import { cidOfDigest } from './content'
import { createOrLoadStanding } from './contribution-standing'
import { idOf } from './event-id'
import { savePermission } from './permission'
import { saveOffice, saveSetting } from './setting'
import { wordOf } from './word'

const STATUSES = ['None', 'Pending', 'Accepted', 'Rejected', 'Appealed', 'Refused', 'Drawn']

export function handleRulesSet(event: RulesSet): void {
  const rules = new DatanetRuleSet(event.params.datanetId)
  rules.datanet = event.params.datanetId
  rules.bondWei = event.params.rules.bondWei
  rules.minStakeWei = event.params.rules.minStakeWei
  rules.maxRecordsPerBatch = event.params.rules.maxRecordsPerBatch
  rules.maxRecordsPerPeriod = event.params.rules.maxRecordsPerPeriod
  rules.maxRecords = event.params.rules.maxRecords
  rules.periodSeconds = event.params.rules.periodSeconds
  rules.validationSeconds = event.params.rules.validationSeconds
  rules.holdSeconds = event.params.rules.holdSeconds
  rules.votesNeeded = event.params.rules.votesNeeded
  rules.listedOnly = event.params.rules.listedOnly
  rules.silenceAccepts = event.params.rules.silenceAccepts
  rules.termsDigest = event.params.rules.termsDigest
  rules.termsCid = cidOfDigest(event.params.rules.termsDigest)
  rules.blockNumber = event.block.number
  rules.timestamp = event.block.timestamp
  rules.transactionHash = event.transaction.hash
  rules.save()
}

export function handleValidatorListed(event: ValidatorListed): void {
  const agent = wordOf(event.params.agentId)
  const validator = new DatanetValidator(event.params.datanetId.concat(agent))
  validator.datanet = event.params.datanetId
  validator.agent = agent
  validator.listed = event.params.listed
  validator.timestamp = event.block.timestamp
  validator.save()
}

export function handleContributionBonded(event: ContributionBonded): void {
  const standing = loadStanding(event.params.contributionId, event.params.datanetId, event.params.contributor)
  standing.status = 'Pending'
  standing.statusSince = event.block.timestamp
  standing.validateUntil = event.params.validateUntil
  standing.heldWei = standing.heldWei.plus(event.params.bondWei)
  standing.save()
  const fact = startEvent(event, standing.id, 'Bonded')
  fact.amountWei = event.params.bondWei
  fact.save()
}

export function handleValidated(event: Validated): void {
  touchAccount(event.params.validator)
  const standing = createOrLoadStanding(event.params.contributionId)
  if (event.params.accepted) standing.accepts += 1
  else standing.rejects += 1
  standing.save()
  const validation = new Validation(idOf(event))
  validation.standing = event.params.contributionId
  validation.agent = wordOf(event.params.agentId)
  validation.validator = event.params.validator
  validation.isAccepted = event.params.accepted
  validation.reasonDigest = event.params.reasonDigest
  validation.exceptionsDigest = event.params.exceptionsDigest
  validation.blockNumber = event.block.number
  validation.timestamp = event.block.timestamp
  validation.transactionHash = event.transaction.hash
  validation.save()
}

export function handleStatusChanged(event: StatusChanged): void {
  const standing = createOrLoadStanding(event.params.contributionId)
  standing.status = STATUSES[event.params.status]
  standing.statusSince = event.block.timestamp
  standing.save()
  const fact = startEvent(event, standing.id, 'StatusChanged')
  fact.status = standing.status
  fact.save()
}

export function handleAppealed(event: Appealed): void {
  const standing = createOrLoadStanding(event.params.contributionId)
  standing.heldWei = standing.heldWei.plus(event.params.bondWei)
  standing.save()
  const fact = startEvent(event, standing.id, 'Appealed')
  fact.amountWei = event.params.bondWei
  fact.reasonDigest = event.params.reasonDigest
  fact.save()
}

export function handleAppealRuled(event: AppealRuled): void {
  const fact = startEvent(event, event.params.contributionId, 'AppealRuled')
  // The setter of a field that may be null would take false for null.
  fact.set('isAccepted', Value.fromBoolean(event.params.accepted))
  fact.reasonDigest = event.params.reasonDigest
  fact.save()
}

export function handleBondReturned(event: BondReturned): void {
  const standing = createOrLoadStanding(event.params.contributionId)
  standing.heldWei = standing.heldWei.minus(event.params.amountWei)
  standing.returnedWei = standing.returnedWei.plus(event.params.amountWei)
  standing.save()
  const fact = startEvent(event, standing.id, 'BondReturned')
  fact.amountWei = event.params.amountWei
  fact.save()
}

export function handleRejectionSlashed(event: RejectionSlashed): void {
  subtractSlash(event.params.contributionId, event.params.slashedWei)
  const fact = startEvent(event, event.params.contributionId, 'RejectionSlashed')
  fact.amountWei = event.params.slashedWei
  fact.bountiesWei = event.params.bountiesWei
  fact.save()
}

function subtractSlash(id: Bytes, slashedWei: BigInt): void {
  const standing = createOrLoadStanding(id)
  standing.heldWei = standing.heldWei.minus(slashedWei)
  standing.slashedWei = standing.slashedWei.plus(slashedWei)
  standing.save()
}

export function handleHarmSlashed(event: HarmSlashed): void {
  subtractSlash(event.params.contributionId, event.params.slashedWei)
  const fact = startEvent(event, event.params.contributionId, 'HarmSlashed')
  fact.amountWei = event.params.slashedWei
  fact.slasher = event.params.slasher
  fact.reasonDigest = event.params.reasonDigest
  fact.save()
}

export function handleBountyTaken(event: BountyTaken): void {
  touchAccount(event.params.validator)
  const payment = new BountyPayment(idOf(event))
  payment.validator = event.params.validator
  payment.amountWei = event.params.amountWei
  payment.blockNumber = event.block.number
  payment.timestamp = event.block.timestamp
  payment.transactionHash = event.transaction.hash
  payment.save()
}

export function handleConsentWithdrawn(event: ConsentWithdrawn): void {
  const standing = loadStanding(event.params.contributionId, event.params.datanetId, event.params.contributor)
  // A list of records is named by its digest alone; only the whole contribution can be marked here.
  if (event.params.recordsDigest == new Bytes(32) && standing.withdrawnAt === null) {
    standing.withdrawnAt = event.block.timestamp
    standing.withdrawnBlock = event.block.number
  }
  standing.save()
  const withdrawal = new ConsentWithdrawal(idOf(event))
  withdrawal.standing = standing.id
  withdrawal.recordsDigest = event.params.recordsDigest
  withdrawal.blockNumber = event.block.number
  withdrawal.timestamp = event.block.timestamp
  withdrawal.transactionHash = event.transaction.hash
  withdrawal.save()
}

export function handleRecordConsentWithdrawn(event: RecordConsentWithdrawn): void {
  const standing = loadStanding(event.params.contributionId, event.params.datanetId, event.params.contributor)
  const id = standing.id.concat(event.params.recordDigest)
  // The contract lets a contributor say it again; the first time counts.
  if (RecordWithdrawal.load(id) === null) {
    const withdrawal = new RecordWithdrawal(id)
    withdrawal.standing = standing.id
    withdrawal.digest = event.params.recordDigest
    withdrawal.index = event.params.index
    withdrawal.blockNumber = event.block.number
    withdrawal.timestamp = event.block.timestamp
    withdrawal.transactionHash = event.transaction.hash
    withdrawal.save()
    standing.withdrawnRecordCount += 1
  }
  standing.save()
}

export function handleCurationSwept(event: Swept): void {
  const sweep = new SlashSweep(idOf(event))
  sweep.amountWei = event.params.amountWei
  sweep.blockNumber = event.block.number
  sweep.timestamp = event.block.timestamp
  sweep.transactionHash = event.transaction.hash
  sweep.save()
}

export function handleParametersSet(event: ParametersSet): void {
  saveSetting(event, 'rejectionSlashPpm', event.params.parameters.rejectionSlashPpm)
  saveSetting(event, 'harmSlashPpm', event.params.parameters.harmSlashPpm)
  saveSetting(event, 'bountyPpm', event.params.parameters.bountyPpm)
  saveSetting(event, 'appealBondWei', event.params.parameters.appealBondWei)
  saveSetting(event, 'stakeFloorWei', event.params.parameters.stakeFloorWei)
}

export function handleCurationCouncilSet(event: CouncilSet): void {
  saveOffice(event, 'council', event.params.council)
}

export function handleHarmSlasherSet(event: SlasherSet): void {
  savePermission(event, 'slasher', event.params.slasher, event.params.allowed)
}

function startEvent(event: ethereum.Event, standing: Bytes, kind: string): CurationEvent {
  const fact = new CurationEvent(idOf(event))
  fact.standing = standing
  fact.kind = kind
  fact.blockNumber = event.block.number
  fact.timestamp = event.block.timestamp
  fact.transactionHash = event.transaction.hash
  return fact
}

/** A contributor can name a contribution to a plain Datanet that never was: its standing then has no contributions. */
function loadStanding(id: Bytes, datanetId: Bytes, contributor: Address): ContributionStanding {
  touchAccount(contributor)
  const standing = createOrLoadStanding(id)
  standing.datanet = datanetId
  standing.contributor = contributor
  return standing
}
