import { Address, BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts'
import { JobEvent, JobSource, TrainingJob } from '../generated/schema'
import {
  ArbiterSet,
  DisputeBondSet,
  FeeSet,
  JobAccepted,
  JobCancelled,
  JobDelivered,
  JobDisputed,
  JobRefunded,
  JobRequested,
  JobSettled,
  TreasurySet,
} from '../generated/TrainingJobs/TrainingJobs'
import { touchAccount } from './account'
import { idOf } from './event-id'
import { saveOffice, saveSetting } from './setting'
import { wordOf } from './word'

const STATUSES = [
  'None',
  'Requested',
  'Accepted',
  'Delivered',
  'Disputed',
  'Cancelled',
  'Refunded',
  'Paid',
  'Divided',
  'Drawn',
]
const MODEL_OWNERS = ['Requester', 'Trainer']

export function handleJobRequested(event: JobRequested): void {
  touchAccount(event.params.requester)
  const terms = event.params.terms
  const job = createOrLoadJob(event, event.params.jobId)
  job.requester = event.params.requester
  job.baseModel = event.params.baseModelId
  job.recipeDigest = terms.recipeDigest
  job.budgetWei = terms.budgetWei
  job.minStakeWei = terms.minStakeWei
  job.penaltyWei = terms.penaltyWei
  job.deadline = terms.deadline
  job.reviewSeconds = terms.reviewTime
  job.modelOwner = MODEL_OWNERS[terms.modelOwner]
  saveStep(event, job, 'Requested')

  const sources = terms.sources
  for (let i = 0; i < sources.length; i++) {
    const source = new JobSource(job.id.concatI32(i))
    source.job = job.id
    source.index = i
    source.datanet = sources[i].datanetId
    source.asOfBlock = sources[i].asOfBlock
    source.save()
  }
}

export function handleJobAccepted(event: JobAccepted): void {
  touchAccount(event.params.operator)
  const job = createOrLoadJob(event, event.params.jobId)
  job.agent = wordOf(event.params.agentId)
  job.operator = event.params.operator
  saveStep(event, job, 'Accepted')
}

export function handleJobDelivered(event: JobDelivered): void {
  const job = createOrLoadJob(event, event.params.jobId)
  job.model = event.params.modelId
  job.evaluationDigest = event.params.evaluationDigest
  job.artefactDigests = event.params.artefactDigests
  job.reviewUntil = event.params.reviewUntil
  saveStep(event, job, 'Delivered')
}

export function handleJobDisputed(event: JobDisputed): void {
  const job = createOrLoadJob(event, event.params.jobId)
  job.reasonDigest = event.params.reasonDigest
  job.bondWei = event.params.bondWei
  job.rulingUntil = event.params.rulingUntil
  saveStep(event, job, 'Disputed')
}

export function handleJobSettled(event: JobSettled): void {
  touchAccount(event.params.operator)
  const job = createOrLoadJob(event, event.params.jobId)
  job.operator = event.params.operator
  job.trainerWei = event.params.trainerWei
  job.feeWei = event.params.feeWei
  job.requesterWei = event.params.requesterWei
  saveStep(event, job, STATUSES[event.params.status])
}

export function handleJobCancelled(event: JobCancelled): void {
  const job = createOrLoadJob(event, event.params.jobId)
  job.requesterWei = event.params.refundedWei
  saveStep(event, job, 'Cancelled')
}

export function handleJobRefunded(event: JobRefunded): void {
  const job = createOrLoadJob(event, event.params.jobId)
  job.requesterWei = event.params.refundedWei
  job.slashedWei = event.params.slashedWei
  saveStep(event, job, 'Refunded')
}

export function handleFeeSet(event: FeeSet): void {
  saveSetting(event, 'feePpm', event.params.ppm)
}

export function handleDisputeBondSet(event: DisputeBondSet): void {
  saveSetting(event, 'disputeBondPpm', event.params.ppm)
}

export function handleJobArbiterSet(event: ArbiterSet): void {
  saveOffice(event, 'arbiter', event.params.arbiter)
}

export function handleTreasurySet(event: TreasurySet): void {
  saveOffice(event, 'treasury', event.params.treasury)
}

function createOrLoadJob(event: ethereum.Event, number: BigInt): TrainingJob {
  const id = wordOf(number)
  let job = TrainingJob.load(id)
  if (job === null) {
    job = new TrainingJob(id)
    job.number = number
    job.status = 'None'
    job.requester = Address.zero()
    job.recipeDigest = new Bytes(32)
    job.budgetWei = BigInt.zero()
    job.minStakeWei = BigInt.zero()
    job.penaltyWei = BigInt.zero()
    job.deadline = BigInt.zero()
    job.reviewSeconds = BigInt.zero()
    job.modelOwner = MODEL_OWNERS[0]
    job.bondWei = BigInt.zero()
    job.trainerWei = BigInt.zero()
    job.feeWei = BigInt.zero()
    job.requesterWei = BigInt.zero()
    job.slashedWei = BigInt.zero()
    job.blockNumber = event.block.number
    job.timestamp = event.block.timestamp
  }
  return job
}

/** Saves the job in its new status, and the fact that it came to it. */
function saveStep(event: ethereum.Event, job: TrainingJob, status: string): void {
  job.status = status
  job.save()
  const fact = new JobEvent(idOf(event))
  fact.job = job.id
  fact.status = status
  fact.blockNumber = event.block.number
  fact.timestamp = event.block.timestamp
  fact.transactionHash = event.transaction.hash
  fact.save()
}
