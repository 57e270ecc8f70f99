import {
  EvaluationChallenged,
  EvaluationFlaggerSet,
  EvaluationFlagSet,
  EvaluationRecorded,
  EvaluatorSet,
  MinStakeSet,
} from '../generated/Evaluations/Evaluations'
import { Evaluation, EvaluationChallenge, EvaluationFlag } from '../generated/schema'
import { touchAccount } from './account'
import { idOf } from './event-id'
import { savePermission } from './permission'
import { saveSetting } from './setting'
import { wordOf } from './word'

export function handleEvaluationRecorded(event: EvaluationRecorded): void {
  touchAccount(event.params.evaluator)
  const evaluation = new Evaluation(event.params.evaluationId)
  evaluation.model = event.params.modelId
  evaluation.evaluator = event.params.evaluator
  if (!event.params.agentId.isZero()) evaluation.agent = wordOf(event.params.agentId)
  evaluation.reportDigest = event.params.reportDigest
  evaluation.dataDigest = event.params.dataDigest
  evaluation.metric = event.params.metric
  evaluation.valueE6 = event.params.valueE6
  evaluation.isFlagged = false
  evaluation.challengeCount = 0
  evaluation.blockNumber = event.block.number
  evaluation.timestamp = event.block.timestamp
  evaluation.transactionHash = event.transaction.hash
  evaluation.save()
}

export function handleEvaluationChallenged(event: EvaluationChallenged): void {
  touchAccount(event.params.challenger)
  const evaluation = Evaluation.load(event.params.evaluationId)
  if (evaluation === null) return // the contract knows what it was told
  evaluation.challengeCount += 1
  evaluation.save()
  const challenge = new EvaluationChallenge(idOf(event))
  challenge.evaluation = event.params.evaluationId
  challenge.agent = wordOf(event.params.agentId)
  challenge.challenger = event.params.challenger
  challenge.reportDigest = event.params.reportDigest
  challenge.blockNumber = event.block.number
  challenge.timestamp = event.block.timestamp
  challenge.transactionHash = event.transaction.hash
  challenge.save()
}

export function handleEvaluationFlagSet(event: EvaluationFlagSet): void {
  const evaluation = Evaluation.load(event.params.evaluationId)
  if (evaluation === null) return
  evaluation.isFlagged = event.params.flagged
  evaluation.save()
  const flag = new EvaluationFlag(idOf(event))
  flag.evaluation = event.params.evaluationId
  flag.flagger = event.params.flagger
  flag.isFlagged = event.params.flagged
  flag.reasonDigest = event.params.reasonDigest
  flag.blockNumber = event.block.number
  flag.timestamp = event.block.timestamp
  flag.transactionHash = event.transaction.hash
  flag.save()
}

export function handleEvaluatorSet(event: EvaluatorSet): void {
  savePermission(event, 'evaluator', event.params.evaluator, event.params.allowed)
}

export function handleEvaluationFlaggerSet(event: EvaluationFlaggerSet): void {
  savePermission(event, 'flagger', event.params.flagger, event.params.allowed)
}

export function handleEvaluatorMinStakeSet(event: MinStakeSet): void {
  saveSetting(event, 'minStakeWei', event.params.minStakeWei)
}
