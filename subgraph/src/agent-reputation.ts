import { Address, BigInt, Bytes, Value } from '@graphprotocol/graph-ts'
import {
  FeedbackRevoked,
  NewFeedback,
  ResponseAppended,
  ValidationRequest,
  ValidationResponse,
} from '../generated/AgentReputation/AgentReputation'
import { AgentValidation, Feedback, FeedbackResponse, ValidationAnswer } from '../generated/schema'
import { touchAccount } from './account'
import { idOf } from './event-id'
import { wordOf } from './word'

export function handleNewFeedback(event: NewFeedback): void {
  touchAccount(event.params.clientAddress)
  const feedback = new Feedback(
    feedbackId(event.params.agentId, event.params.clientAddress, event.params.feedbackIndex),
  )
  feedback.agent = wordOf(event.params.agentId)
  feedback.client = event.params.clientAddress
  feedback.index = event.params.feedbackIndex
  feedback.value = event.params.value
  feedback.valueDecimals = event.params.valueDecimals
  feedback.tag1 = event.params.tag1
  feedback.tag2 = event.params.tag2
  feedback.endpoint = event.params.endpoint
  feedback.uri = event.params.feedbackURI
  feedback.digest = event.params.feedbackHash
  feedback.isRevoked = false
  feedback.blockNumber = event.block.number
  feedback.timestamp = event.block.timestamp
  feedback.transactionHash = event.transaction.hash
  feedback.save()
}

export function handleFeedbackRevoked(event: FeedbackRevoked): void {
  const feedback = Feedback.load(
    feedbackId(event.params.agentId, event.params.clientAddress, event.params.feedbackIndex),
  )
  if (feedback === null) return // the contract revokes nothing that was not said
  feedback.isRevoked = true
  feedback.revokedAt = event.block.timestamp
  feedback.save()
}

export function handleResponseAppended(event: ResponseAppended): void {
  const response = new FeedbackResponse(idOf(event))
  response.feedback = feedbackId(event.params.agentId, event.params.clientAddress, event.params.feedbackIndex)
  response.responder = event.params.responder
  response.uri = event.params.responseURI
  response.digest = event.params.responseHash
  response.blockNumber = event.block.number
  response.timestamp = event.block.timestamp
  response.transactionHash = event.transaction.hash
  response.save()
}

export function handleValidationRequest(event: ValidationRequest): void {
  touchAccount(event.params.validatorAddress)
  const validation = new AgentValidation(event.params.requestHash)
  validation.agent = wordOf(event.params.agentId)
  validation.validator = event.params.validatorAddress
  validation.requestUri = event.params.requestURI
  validation.blockNumber = event.block.number
  validation.timestamp = event.block.timestamp
  validation.transactionHash = event.transaction.hash
  validation.save()
}

export function handleValidationResponse(event: ValidationResponse): void {
  const validation = AgentValidation.load(event.params.requestHash)
  if (validation !== null) {
    // The setter of a field that may be null would take 0 for null.
    validation.set('response', Value.fromI32(event.params.response))
    validation.answeredAt = event.block.timestamp
    validation.save()
  }
  const answer = new ValidationAnswer(idOf(event))
  answer.validation = event.params.requestHash
  answer.response = event.params.response
  answer.uri = event.params.responseURI
  answer.digest = event.params.responseHash
  answer.tag = event.params.tag
  answer.blockNumber = event.block.number
  answer.timestamp = event.block.timestamp
  answer.transactionHash = event.transaction.hash
  answer.save()
}

function feedbackId(agentId: BigInt, client: Address, index: BigInt): Bytes {
  return wordOf(agentId).concat(client).concatI32(index.toI32())
}
