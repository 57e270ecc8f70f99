import { Address, ByteArray, Bytes, crypto, ethereum } from '@graphprotocol/graph-ts'
import { MetadataSet, OperatorCeased, Registered, Transfer, URIUpdated } from '../generated/AgentRegistry/AgentRegistry'
import { Agent, AgentEvent, AgentValue } from '../generated/schema'
import { touchAccount } from './account'
import { idOf } from './event-id'
import { wordOf } from './word'

export function handleAgentTransfer(event: Transfer): void {
  touchAccount(event.params.to)
  const id = wordOf(event.params.tokenId)
  let agent = Agent.load(id)
  if (agent === null) {
    agent = new Agent(id)
    agent.number = event.params.tokenId
    agent.uri = ''
    agent.isListedAuditor = false
    agent.blockNumber = event.block.number
    agent.timestamp = event.block.timestamp
  }
  agent.owner = event.params.to
  // Its wallet does not go with it: whoever owns it acts for it.
  agent.operator = event.params.to
  agent.save()
  const fact = startEvent(event, agent.id, 'Transferred')
  fact.from = event.params.from
  fact.account = event.params.to
  fact.save()
}

export function handleAgentRegistered(event: Registered): void {
  const agent = Agent.load(wordOf(event.params.agentId))
  if (agent === null) return // its transfer to its first owner comes first
  agent.uri = event.params.agentURI
  agent.save()
  const fact = startEvent(event, agent.id, 'Registered')
  fact.account = event.params.owner
  fact.uri = event.params.agentURI
  fact.save()
}

export function handleURIUpdated(event: URIUpdated): void {
  const agent = Agent.load(wordOf(event.params.agentId))
  if (agent === null) return // its transfer to its first owner comes first
  agent.uri = event.params.newURI
  agent.save()
  const fact = startEvent(event, agent.id, 'UriUpdated')
  fact.account = event.params.updatedBy
  fact.uri = event.params.newURI
  fact.save()
}

export function handleMetadataSet(event: MetadataSet): void {
  const agent = Agent.load(wordOf(event.params.agentId))
  if (agent === null) return // its transfer to its first owner comes first
  // By its hash: text is shown without what is no text, and two keys may look alike.
  if (event.params.indexedMetadataKey == crypto.keccak256(ByteArray.fromUTF8('agentWallet'))) {
    const isSet = event.params.metadataValue.length == 20
    agent.operator = isSet ? event.params.metadataValue : agent.owner
    touchAccount(Address.fromBytes(agent.operator))
  }
  agent.save()
  const metadata = new AgentValue(agent.id.concat(event.params.indexedMetadataKey))
  metadata.agent = agent.id
  metadata.key = event.params.metadataKey
  metadata.value = event.params.metadataValue
  metadata.save()
  const fact = startEvent(event, agent.id, 'MetadataSet')
  fact.key = event.params.metadataKey
  fact.value = event.params.metadataValue
  fact.save()
}

export function handleOperatorCeased(event: OperatorCeased): void {
  const fact = startEvent(event, wordOf(event.params.agentId), 'OperatorCeased')
  fact.account = event.params.operator
  fact.save()
}

function startEvent(event: ethereum.Event, agent: Bytes, kind: string): AgentEvent {
  const fact = new AgentEvent(idOf(event))
  fact.agent = agent
  fact.kind = kind
  fact.blockNumber = event.block.number
  fact.timestamp = event.block.timestamp
  fact.transactionHash = event.transaction.hash
  return fact
}
