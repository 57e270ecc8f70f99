import { Address, BigInt, Bytes, DataSourceContext, ethereum, Value } from '@graphprotocol/graph-ts'
import {
  Deposited,
  Divided,
  EarningsWithdrawn,
  RatesChanged,
  ReceiptsAnchored,
  Settled,
  SignerSet,
  StakersPaid,
  Swept,
  Thawing,
  Withdrawn,
} from '../generated/InferenceEscrow/InferenceEscrow'
import {
  Channel,
  Division,
  EarningsWithdrawal,
  EscrowAccount,
  EscrowMovement,
  FeePoint,
  Model,
  RateChange,
  ReceiptBatch,
  ServicePoint,
  Settlement,
  StakersPayment,
  Sweep,
  Thaw,
  VoucherSigner,
} from '../generated/schema'
import { ReceiptsFile } from '../generated/templates'
import { createOrLoadAccount, touchAccount } from './account'
import { cidOfDigest } from './content'
import { idOf } from './event-id'
import { createOrLoadProtocol } from './protocol'

export function handleDeposited(event: Deposited): void {
  const payer = createOrLoadEscrowAccount(event.params.payer)
  payer.balanceWei = payer.balanceWei.plus(event.params.amountWei)
  payer.depositedWei = payer.depositedWei.plus(event.params.amountWei)
  payer.save()
  saveMovement(event, payer.id, event.params.from, event.params.amountWei)

  const protocol = createOrLoadProtocol()
  protocol.depositedWei = protocol.depositedWei.plus(event.params.amountWei)
  protocol.save()
}

export function handleWithdrawn(event: Withdrawn): void {
  const payer = createOrLoadEscrowAccount(event.params.payer)
  payer.balanceWei = payer.balanceWei.minus(event.params.amountWei)
  payer.withdrawnWei = payer.withdrawnWei.plus(event.params.amountWei)
  payer.save()
  saveMovement(event, payer.id, event.params.to, event.params.amountWei.neg())
}

export function handleThawing(event: Thawing): void {
  createOrLoadEscrowAccount(event.params.payer).save()
  const thaw = new Thaw(idOf(event))
  thaw.payer = event.params.payer
  thaw.amountWei = event.params.amountWei
  thaw.thawsAt = event.params.until
  thaw.blockNumber = event.block.number
  thaw.timestamp = event.block.timestamp
  thaw.save()
}

export function handleSignerSet(event: SignerSet): void {
  createOrLoadEscrowAccount(event.params.payer).save()
  const signer = new VoucherSigner(event.params.payer.concat(event.params.signer))
  signer.payer = event.params.payer
  signer.signer = event.params.signer
  signer.allowed = event.params.allowed
  signer.save()
}

export function handleReceiptsAnchored(event: ReceiptsAnchored): void {
  touchAccount(event.params.node)
  const id = batchId(event.params.batch)
  const cid = cidOfDigest(event.params.receiptsDigest)
  const batch = new ReceiptBatch(id)
  batch.node = event.params.node
  batch.number = event.params.batch
  batch.receiptsRoot = event.params.receiptsRoot
  batch.receiptsDigest = event.params.receiptsDigest
  batch.receiptsCid = cid
  batch.receiptCount = event.params.receiptCount
  batch.firstSequence = event.params.firstSequence
  batch.lastReceiptHash = event.params.lastReceiptHash
  batch.totalWei = event.params.totalWei
  batch.blockNumber = event.block.number
  batch.timestamp = event.block.timestamp
  batch.transactionHash = event.transaction.hash
  batch.save()
  const point = new ServicePoint(0) // graph-node gives points their numbers
  point.contract = event.address
  point.node = event.params.node
  point.receiptCount = event.params.receiptCount
  point.amountWei = event.params.totalWei
  point.save()

  const protocol = createOrLoadProtocol()
  protocol.receiptCount = protocol.receiptCount.plus(event.params.receiptCount)
  protocol.save()

  const context = new DataSourceContext()
  context.setBytes('id', id)
  context.setBytes('node', event.params.node)
  context.setBigInt('firstSequence', event.params.firstSequence)
  context.setBigInt('receiptCount', event.params.receiptCount)
  ReceiptsFile.createWithContext(cid, context)
}

export function handleSettled(event: Settled): void {
  const channel = addToChannel(event)
  const settlement = new Settlement(idOf(event))
  settlement.payer = event.params.payer
  settlement.node = event.params.node
  settlement.model = event.params.modelId
  settlement.channel = channel.id
  settlement.batch = batchId(event.params.batch)
  settlement.amountWei = event.params.amountWei
  settlement.cumulativeWei = channel.settledWei
  settlement.contributorsWei = event.params.contributorsWei
  settlement.blockNumber = event.block.number
  settlement.timestamp = event.block.timestamp
  settlement.transactionHash = event.transaction.hash
  settlement.save()

  const payer = createOrLoadEscrowAccount(event.params.payer)
  payer.balanceWei = payer.balanceWei.minus(event.params.amountWei)
  payer.settledWei = payer.settledWei.plus(event.params.amountWei)
  payer.save()

  const model = Model.load(event.params.modelId)
  if (model !== null) {
    model.settlementCount += 1
    model.save()
  }

  const protocol = createOrLoadProtocol()
  protocol.settlementCount += 1
  protocol.save()
}

export function handleDivided(event: Divided): void {
  const division = new Division(idOf(event))
  division.batch = batchId(event.params.batch)
  division.model = event.params.modelId
  division.amountWei = event.params.amountWei
  division.protocolWei = event.params.protocolWei
  division.nodeWei = event.params.nodeWei
  division.baseOwnerWei = event.params.baseOwnerWei
  division.adapterOwnerWei = event.params.adapterOwnerWei
  division.stakersWei = event.params.stakersWei
  division.contributorsWei = event.params.contributorsWei
  division.blockNumber = event.block.number
  division.timestamp = event.block.timestamp
  division.transactionHash = event.transaction.hash
  division.save()
  savePoint(event.address, division)

  // The batch was anchored earlier in the same transaction.
  const batch = ReceiptBatch.load(division.batch)
  if (batch !== null) {
    const node = createOrLoadAccount(Address.fromBytes(batch.node))
    node.earnedAsNodeWei = node.earnedAsNodeWei.plus(event.params.nodeWei)
    node.save()
  }

  const model = Model.load(event.params.modelId)
  if (model !== null) {
    model.settledWei = model.settledWei.plus(event.params.amountWei)
    model.contributorsWei = model.contributorsWei.plus(event.params.contributorsWei)
    model.stakersWei = model.stakersWei.plus(event.params.stakersWei)
    model.save()
    addToOwner(model.owner, event.params.adapterOwnerWei)
    const base = Model.load(model.base)
    if (base !== null) addToOwner(base.owner, event.params.baseOwnerWei)
  }

  const protocol = createOrLoadProtocol()
  protocol.settledWei = protocol.settledWei.plus(event.params.amountWei)
  protocol.protocolWei = protocol.protocolWei.plus(event.params.protocolWei)
  protocol.nodeWei = protocol.nodeWei.plus(event.params.nodeWei)
  protocol.baseOwnerWei = protocol.baseOwnerWei.plus(event.params.baseOwnerWei)
  protocol.adapterOwnerWei = protocol.adapterOwnerWei.plus(event.params.adapterOwnerWei)
  protocol.stakersWei = protocol.stakersWei.plus(event.params.stakersWei)
  protocol.contributorsWei = protocol.contributorsWei.plus(event.params.contributorsWei)
  protocol.save()
}

export function handleStakersPaid(event: StakersPaid): void {
  const payment = new StakersPayment(idOf(event))
  payment.poolId = event.params.poolId
  payment.amountWei = event.params.amountWei
  payment.staked = event.params.staked
  payment.blockNumber = event.block.number
  payment.timestamp = event.block.timestamp
  payment.save()
}

export function handleEarningsWithdrawn(event: EarningsWithdrawn): void {
  const account = createOrLoadAccount(event.params.account)
  account.withdrawnEarningsWei = account.withdrawnEarningsWei.plus(event.params.amountWei)
  account.save()
  const withdrawal = new EarningsWithdrawal(idOf(event))
  withdrawal.account = event.params.account
  withdrawal.to = event.params.to
  withdrawal.amountWei = event.params.amountWei
  withdrawal.blockNumber = event.block.number
  withdrawal.timestamp = event.block.timestamp
  withdrawal.save()
}

export function handleRatesChanged(event: RatesChanged): void {
  const change = new RateChange(idOf(event))
  change.protocolPpm = event.params.protocolPpm.toI32()
  change.nodePpm = event.params.nodePpm.toI32()
  change.baseOwnerPpm = event.params.baseOwnerPpm.toI32()
  change.adapterOwnerPpm = event.params.adapterOwnerPpm.toI32()
  change.stakersPpm = event.params.stakersPpm.toI32()
  change.blockNumber = event.block.number
  change.timestamp = event.block.timestamp
  change.save()

  const protocol = createOrLoadProtocol()
  // The setters of fields that may be null would take 0 for null.
  protocol.set('protocolPpm', Value.fromI32(change.protocolPpm))
  protocol.set('nodePpm', Value.fromI32(change.nodePpm))
  protocol.set('baseOwnerPpm', Value.fromI32(change.baseOwnerPpm))
  protocol.set('adapterOwnerPpm', Value.fromI32(change.adapterOwnerPpm))
  protocol.set('stakersPpm', Value.fromI32(change.stakersPpm))
  protocol.save()
}

export function handleSwept(event: Swept): void {
  const sweep = new Sweep(idOf(event))
  sweep.amountWei = event.params.amountWei
  sweep.blockNumber = event.block.number
  sweep.timestamp = event.block.timestamp
  sweep.save()

  const protocol = createOrLoadProtocol()
  protocol.sweptWei = protocol.sweptWei.plus(event.params.amountWei)
  protocol.save()
}

function savePoint(contract: Address, division: Division): void {
  const point = new FeePoint(0) // graph-node gives points their numbers
  point.contract = contract
  point.model = division.model
  point.amountWei = division.amountWei
  point.protocolWei = division.protocolWei
  point.nodeWei = division.nodeWei
  point.baseOwnerWei = division.baseOwnerWei
  point.adapterOwnerWei = division.adapterOwnerWei
  point.stakersWei = division.stakersWei
  point.contributorsWei = division.contributorsWei
  point.save()
}

function createOrLoadEscrowAccount(payer: Address): EscrowAccount {
  let account = EscrowAccount.load(payer)
  if (account === null) {
    account = new EscrowAccount(payer)
    account.balanceWei = BigInt.zero()
    account.depositedWei = BigInt.zero()
    account.settledWei = BigInt.zero()
    account.withdrawnWei = BigInt.zero()
  }
  return account
}

function saveMovement(event: ethereum.Event, payer: Bytes, counterparty: Bytes, amountWei: BigInt): void {
  const movement = new EscrowMovement(idOf(event))
  movement.payer = payer
  movement.counterparty = counterparty
  movement.amountWei = amountWei
  movement.blockNumber = event.block.number
  movement.timestamp = event.block.timestamp
  movement.save()
}

function addToChannel(event: Settled): Channel {
  const id = event.params.payer.concat(event.params.node).concat(event.params.modelId)
  let channel = Channel.load(id)
  if (channel === null) {
    channel = new Channel(id)
    channel.payer = event.params.payer
    channel.node = event.params.node
    channel.model = event.params.modelId
    channel.settledWei = BigInt.zero()
    channel.settlementCount = 0
  }
  channel.settledWei = channel.settledWei.plus(event.params.amountWei)
  channel.settlementCount += 1
  channel.save()
  return channel
}

function addToOwner(owner: Bytes, amountWei: BigInt): void {
  const account = createOrLoadAccount(Address.fromBytes(owner))
  account.earnedAsOwnerWei = account.earnedAsOwnerWei.plus(amountWei)
  account.save()
}

function batchId(number: BigInt): Bytes {
  return Bytes.fromI32(number.toI32())
}
