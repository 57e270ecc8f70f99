import { Address, BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts'
import { Till, TillEvent, TillSigner } from '../generated/schema'
import { Collected, Refunded, RefundThawing, TakenBack, TillOpened, TillSignerSet } from '../generated/Tills/Tills'
import { touchAccount } from './account'
import { idOf } from './event-id'

export function handleTillOpened(event: TillOpened): void {
  const till = createOrLoadTill(event.params.till, event.params.node, event.params.modelId)
  till.isOpen = true
  till.save()
  startEvent(event, till.id, 'Opened').save()
}

export function handleCollected(event: Collected): void {
  const till = createOrLoadTill(event.params.till, event.params.node, event.params.modelId)
  till.collectedWei = till.collectedWei.plus(event.params.amountWei)
  till.save()
  const fact = startEvent(event, till.id, 'Collected')
  fact.amountWei = event.params.amountWei
  fact.save()
}

export function handleRefundThawing(event: RefundThawing): void {
  const till = createOrLoadTill(event.params.till, event.params.node, event.params.modelId)
  till.save()
  const fact = startEvent(event, till.id, 'Thawing')
  fact.amountWei = event.params.amountWei
  fact.save()
}

export function handleTakenBack(event: TakenBack): void {
  const till = createOrLoadTill(event.params.till, event.params.node, event.params.modelId)
  till.takenBackWei = till.takenBackWei.plus(event.params.amountWei)
  till.save()
  const fact = startEvent(event, till.id, 'TakenBack')
  fact.amountWei = event.params.amountWei
  fact.save()
}

export function handleRefunded(event: Refunded): void {
  const till = createOrLoadTill(event.params.till, event.params.node, event.params.modelId)
  till.refundedWei = till.refundedWei.plus(event.params.amountWei)
  till.save()
  const fact = startEvent(event, till.id, 'Refunded')
  fact.amountWei = event.params.amountWei
  fact.to = event.params.to
  fact.save()
}

export function handleTillSignerSet(event: TillSignerSet): void {
  touchAccount(event.params.node)
  const signer = new TillSigner(event.params.node.concat(event.params.signer))
  signer.node = event.params.node
  signer.signer = event.params.signer
  signer.allowed = event.params.allowed
  signer.save()
}

function createOrLoadTill(address: Address, node: Address, modelId: Bytes): Till {
  let till = Till.load(address)
  if (till === null) {
    touchAccount(node)
    till = new Till(address)
    till.node = node
    till.model = modelId
    till.isOpen = false
    till.collectedWei = BigInt.zero()
    till.takenBackWei = BigInt.zero()
    till.refundedWei = BigInt.zero()
  }
  return till
}

function startEvent(event: ethereum.Event, till: Bytes, kind: string): TillEvent {
  const fact = new TillEvent(idOf(event))
  fact.till = till
  fact.kind = kind
  fact.blockNumber = event.block.number
  fact.timestamp = event.block.timestamp
  fact.transactionHash = event.transaction.hash
  return fact
}
