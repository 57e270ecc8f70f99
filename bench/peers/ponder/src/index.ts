/**
 * What `subgraph/src` does with the events of the mixture, by Ponder's own means: one upsert where the mapping loads and
 * saves, an insert where it saves a fact. So both write the same rows, which the benchmark compares column by column.
 * Left out on both sides: manifests, which nobody publishes here. Left out on this side alone: what the deployment's few
 * events say of settings, permissions and contracts; that a token's contract is known, which the mapping looks up in its
 * cache with each transfer; the points that graph-node adds up by hour and day, one for each transfer, contribution, division,
 * batch, claim and stake; and the file data source that the mapping starts for every contribution and batch.
 */
import { ponder } from 'ponder:registry'
import * as t from 'ponder:schema'
import { type Hex, keccak256, toHex } from 'viem'
import { cidOfDigest, concat, concatI32, standingIdOf, wordOf } from './encoding'

type Row = Record<string, any>
type Db = any

const PROTOCOL_ID = '0x01000000'
const ZERO_ADDRESS = `0x${'0'.repeat(40)}`
const AGENT_WALLET = keccak256(toHex('agentWallet'))
const MODALITIES = ['Text', 'Image', 'Audio', 'Other']
const MODEL_KINDS = ['None', 'Base', 'Adapter', 'Head']

const NEW_ACCOUNT = {
  balanceWei: 0n,
  receivedWei: 0n,
  sentWei: 0n,
  contributionCount: 0,
  recordCount: 0n,
  earnedAsNodeWei: 0n,
  earnedAsOwnerWei: 0n,
  withdrawnEarningsWei: 0n,
  claimedWei: 0n,
  earnedAsOperatorWei: 0n,
  withdrawnCommissionWei: 0n,
  isAttester: false,
  isProposer: false,
}
const NEW_PROTOCOL = {
  schemaVersion: '1',
  datanetCount: 0,
  contributionCount: 0,
  recordCount: 0n,
  modelCount: 0,
  settlementCount: 0,
  receiptCount: 0n,
  depositedWei: 0n,
  settledWei: 0n,
  protocolWei: 0n,
  nodeWei: 0n,
  baseOwnerWei: 0n,
  adapterOwnerWei: 0n,
  stakersWei: 0n,
  contributorsWei: 0n,
  sweptWei: 0n,
  fundedWei: 0n,
  claimedWei: 0n,
  emittedWei: 0n,
  dripFundedWei: 0n,
  drippedWei: 0n,
  waitingWei: 0n,
}
const NEW_POOL = {
  activeWei: 0n,
  thawingWei: 0n,
  activeShares: 0n,
  stakedWei: 0n,
  withdrawnWei: 0n,
  rewardedWei: 0n,
  commissionWei: 0n,
  slashedWei: 0n,
  commissionPpm: 0,
  commissionFrom: 0n,
}

/** Changes a row; one that is not there yet starts as `fresh`. */
function upsert(db: Db, table: any, id: Hex, fresh: Row, change: (row: Row) => Row) {
  return db
    .insert(table)
    .values({ id, ...fresh, ...change(fresh) })
    .onConflictDoUpdate(change)
}

const changeAccount = (db: Db, id: Hex, change: (row: Row) => Row) => upsert(db, t.account, id, NEW_ACCOUNT, change)
const changeProtocol = (db: Db, change: (row: Row) => Row) => upsert(db, t.protocol, PROTOCOL_ID, NEW_PROTOCOL, change)
const touchAccount = (db: Db, id: Hex) =>
  db
    .insert(t.account)
    .values({ id, ...NEW_ACCOUNT })
    .onConflictDoNothing()

const idOf = (event: any): Hex => concatI32(event.transaction.hash, event.log.logIndex)
const timeOf = ({ block }: any) => ({ blockNumber: block.number, timestamp: block.timestamp })
const placeOf = (event: any) => ({ ...timeOf(event), transactionHash: event.transaction.hash })

ponder.on('OpenToken:Transfer', async ({ event, context: { db } }) => {
  const { from, to, value } = event.args
  await saveTransfer(db, event)
  if (from !== ZERO_ADDRESS)
    await changeAccount(db, from, (row) => ({ balanceWei: row.balanceWei - value, sentWei: row.sentWei + value }))
  if (to !== ZERO_ADDRESS)
    await changeAccount(db, to, (row) => ({ balanceWei: row.balanceWei + value, receivedWei: row.receivedWei + value }))
})

function saveTransfer(db: Db, event: any) {
  const { from, to, value } = event.args
  const token = event.log.address
  return db.insert(t.tokenTransfer).values({ id: idOf(event), token, from, to, amountWei: value, ...placeOf(event) })
}

ponder.on('LineageRegistry:DatanetCreated', async ({ event, context: { db } }) => {
  const { datanetId, owner, name, modality, licenceFlags, royaltyPpm, licence, metadataDigest, curated } = event.args
  await touchAccount(db, owner)
  await db.insert(t.datanet).values({
    ...{
      id: datanetId,
      owner,
      name,
      modality: MODALITIES[modality],
      licenceFlags,
      royaltyPpm,
      licence,
      metadataDigest,
    },
    ...{ isCurated: curated, isDisputed: false, version: 0, contributorCount: 0, recordCount: 0n, sizeBytes: 0n },
    ...timeOf(event),
  })
  await changeProtocol(db, (row) => ({ datanetCount: row.datanetCount + 1 }))
})

ponder.on('LineageRegistry:Contributed', async ({ event, context: { db } }) => {
  const { datanetId, contributor, manifestDigest, recordRoot, sizeBytes, licence } = event.args
  const recordCount = BigInt(event.args.recordCount)
  const datanet = await db.find(t.datanet, { id: datanetId })
  if (datanet === null) return
  const version = datanet.version + 1
  const standing = standingIdOf(datanetId, contributor, manifestDigest, recordRoot)
  const fresh = {
    ...{ datanet: datanetId, contributor, contributionCount: 0, isDisputed: false, withdrawnRecordCount: 0 },
    ...{ status: 'None', accepts: 0, rejects: 0, heldWei: 0n, returnedWei: 0n, slashedWei: 0n },
  }
  await upsert(db, t.contributionStanding, standing, fresh, (row) => ({ contributionCount: row.contributionCount + 1 }))
  await db.insert(t.contribution).values({
    ...{ id: concatI32(datanetId, version), datanet: datanetId, contributor, version, manifestDigest, recordRoot },
    ...{ manifestCid: cidOfDigest(manifestDigest), recordCount, sizeBytes, licence, standing },
    ...{ logIndex: event.log.logIndex, ...placeOf(event) },
  })

  const partId = concat(datanetId, contributor)
  const part = await db.find(t.datanetContributor, { id: partId })
  const newPart = { datanet: datanetId, contributor, contributionCount: 0, recordCount: 0n, sizeBytes: 0n }
  await upsert(db, t.datanetContributor, partId, newPart, (row) => ({
    contributionCount: row.contributionCount + 1,
    recordCount: row.recordCount + recordCount,
    sizeBytes: row.sizeBytes + sizeBytes,
  }))
  await db.update(t.datanet, { id: datanetId }).set((row: Row) => ({
    version,
    contributorCount: row.contributorCount + (part === null ? 1 : 0),
    recordCount: row.recordCount + recordCount,
    sizeBytes: row.sizeBytes + sizeBytes,
  }))
  const add = (row: Row) => ({
    contributionCount: row.contributionCount + 1,
    recordCount: row.recordCount + recordCount,
  })
  await changeAccount(db, contributor, add)
  await changeProtocol(db, add)
})

ponder.on('LineageRegistry:ModelRegistered', async ({ event, context: { db } }) => {
  const { modelId: id, owner, kind, name, licenceFlags, royaltyPpm, licence, artefactDigest, trainingRoot } = event.args
  const { parents } = event.args
  await touchAccount(db, owner)
  await db.insert(t.model).values({
    ...{ id, owner, kind: MODEL_KINDS[kind], name, licenceFlags, royaltyPpm, licence, artefactDigest, trainingRoot },
    ...{ base: parents.length > 0 && parents[0]!.asOfBlock === 0n ? parents[0]!.id : id },
    ...{ artefactCid: cidOfDigest(artefactDigest), isDisputed: false, settlementCount: 0 },
    ...{ settledWei: 0n, contributorsWei: 0n, stakersWei: 0n, ...timeOf(event) },
  })
  for (const [index, { id: parent, asOfBlock }] of parents.entries()) {
    const isModel = asOfBlock === 0n
    await db.insert(t.modelParent).values({
      ...{ id: concatI32(id, index), model: id, index, asOfBlock },
      ...(isModel
        ? { parentModel: parent, version: 0 }
        : { datanet: parent, version: await versionAsOf(db, parent, asOfBlock) }),
    })
  }
  await changeProtocol(db, (row) => ({ modelCount: row.modelCount + 1 }))
})

async function versionAsOf(db: Db, datanetId: Hex, block: bigint): Promise<number> {
  const datanet = await db.find(t.datanet, { id: datanetId })
  let known = 0
  let beyond = datanet.version + 1
  while (beyond - known > 1) {
    const middle = known + Math.trunc((beyond - known) / 2)
    const contribution = await db.find(t.contribution, { id: concatI32(datanetId, middle) })
    if (contribution !== null && contribution.blockNumber <= block) known = middle
    else beyond = middle
  }
  return known
}

ponder.on('LineageRegistry:FeaturesPublished', async ({ event, context: { db } }) => {
  const { modelId, attester, featuresDigest } = event.args
  await touchAccount(db, attester)
  const cid = cidOfDigest(featuresDigest)
  const row = { id: modelId, model: modelId, attester, digest: featuresDigest, cid, ...placeOf(event) }
  await db.insert(t.features).values(row)
})

ponder.on('LineageRegistry:AttesterSet', async ({ event, context: { db } }) => {
  await changeAccount(db, event.args.attester, () => ({ isAttester: event.args.allowed }))
})

const NEW_PAYER = { balanceWei: 0n, depositedWei: 0n, settledWei: 0n, withdrawnWei: 0n }

ponder.on('InferenceEscrow:Deposited', async ({ event, context: { db } }) => {
  const { payer, from, amountWei } = event.args
  await upsert(db, t.escrowAccount, payer, NEW_PAYER, (row) => ({
    balanceWei: row.balanceWei + amountWei,
    depositedWei: row.depositedWei + amountWei,
  }))
  const movement = { id: idOf(event), payer, counterparty: from, amountWei, ...timeOf(event) }
  await db.insert(t.escrowMovement).values(movement)
  await changeProtocol(db, (row) => ({ depositedWei: row.depositedWei + amountWei }))
})

ponder.on('InferenceEscrow:ReceiptsAnchored', async ({ event, context: { db } }) => {
  const { node, batch, receiptsRoot, receiptsDigest, firstSequence, lastReceiptHash, totalWei } = event.args
  const receiptCount = BigInt(event.args.receiptCount)
  await touchAccount(db, node)
  await db.insert(t.receiptBatch).values({
    ...{
      id: batchId(batch),
      node,
      number: batch,
      receiptsRoot,
      receiptsDigest,
      receiptsCid: cidOfDigest(receiptsDigest),
    },
    ...{ receiptCount, firstSequence, lastReceiptHash, totalWei, ...placeOf(event) },
  })
  await changeProtocol(db, (row) => ({ receiptCount: row.receiptCount + receiptCount }))
})

ponder.on('InferenceEscrow:Settled', async ({ event, context: { db } }) => {
  const { payer, node, modelId: model, batch, amountWei, contributorsWei } = event.args
  const channel = await upsert(
    db,
    t.channel,
    concat(payer, node, model),
    { payer, node, model, settledWei: 0n, settlementCount: 0 },
    (row) => ({ settledWei: row.settledWei + amountWei, settlementCount: row.settlementCount + 1 }),
  )
  await db.insert(t.settlement).values({
    ...{ id: idOf(event), payer, node, model, channel: channel.id, batch: batchId(batch), amountWei, contributorsWei },
    ...{ cumulativeWei: channel.settledWei, ...placeOf(event) },
  })
  await upsert(db, t.escrowAccount, payer, NEW_PAYER, (row) => ({
    balanceWei: row.balanceWei - amountWei,
    settledWei: row.settledWei + amountWei,
  }))
  await db.update(t.model, { id: model }).set((row: Row) => ({ settlementCount: row.settlementCount + 1 }))
  await changeProtocol(db, (row) => ({ settlementCount: row.settlementCount + 1 }))
})

ponder.on('InferenceEscrow:Divided', async ({ event, context: { db } }) => {
  const { batch, modelId, ...parts } = event.args
  await db.insert(t.division).values({
    ...{ id: idOf(event), batch: batchId(batch), model: modelId, amountWei: parts.amountWei },
    ...{ protocolWei: parts.protocolWei, nodeWei: parts.nodeWei, baseOwnerWei: parts.baseOwnerWei },
    ...{ adapterOwnerWei: parts.adapterOwnerWei, stakersWei: parts.stakersWei, contributorsWei: parts.contributorsWei },
    ...placeOf(event),
  })
  const anchored = await db.find(t.receiptBatch, { id: batchId(batch) })
  await changeAccount(db, anchored.node, (row) => ({ earnedAsNodeWei: row.earnedAsNodeWei + parts.nodeWei }))
  const model = await db.update(t.model, { id: modelId }).set((row: Row) => ({
    settledWei: row.settledWei + parts.amountWei,
    contributorsWei: row.contributorsWei + parts.contributorsWei,
    stakersWei: row.stakersWei + parts.stakersWei,
  }))
  await addToOwner(db, model.owner, parts.adapterOwnerWei)
  const base = await db.find(t.model, { id: model.base })
  await addToOwner(db, base.owner, parts.baseOwnerWei)
  await changeProtocol(db, (row) => ({
    settledWei: row.settledWei + parts.amountWei,
    protocolWei: row.protocolWei + parts.protocolWei,
    nodeWei: row.nodeWei + parts.nodeWei,
    baseOwnerWei: row.baseOwnerWei + parts.baseOwnerWei,
    adapterOwnerWei: row.adapterOwnerWei + parts.adapterOwnerWei,
    stakersWei: row.stakersWei + parts.stakersWei,
    contributorsWei: row.contributorsWei + parts.contributorsWei,
  }))
})

const batchId = (number: bigint): Hex => concatI32('0x', Number(number))
const addToOwner = (db: Db, owner: Hex, amountWei: bigint) =>
  changeAccount(db, owner, (row) => ({ earnedAsOwnerWei: row.earnedAsOwnerWei + amountWei }))

ponder.on('InferenceEscrow:RatesChanged', async ({ event, context: { db } }) => {
  const { protocolPpm, nodePpm, baseOwnerPpm, adapterOwnerPpm, stakersPpm } = event.args
  await changeProtocol(db, () => ({ protocolPpm, nodePpm, baseOwnerPpm, adapterOwnerPpm, stakersPpm }))
})

ponder.on('RewardDistributor:Funded', async ({ event, context: { db } }) => {
  const { from, source, amountWei, fundedWei } = event.args
  await db.insert(t.funding).values({ id: idOf(event), from, source, amountWei, fundedWei, ...placeOf(event) })
  await changeProtocol(db, () => ({ fundedWei }))
})

ponder.on('RewardDistributor:Claimed', async ({ event, context: { db } }) => {
  const { account, to, amountWei, cumulativeWei } = event.args
  await db.insert(t.claim).values({ id: idOf(event), account, to, amountWei, cumulativeWei, ...placeOf(event) })
  await changeAccount(db, account, () => ({ claimedWei: cumulativeWei }))
  await changeProtocol(db, (row) => ({ claimedWei: row.claimedWei + amountWei }))
})

ponder.on('RewardDistributor:RootScheduled', async ({ event, context: { db } }) => {
  const { root, opensAt } = event.args
  const fresh = { opensAt: 0n, isFrozen: false }
  const schedule = await upsert(db, t.rootSchedule, root, fresh, () => ({ opensAt, isFrozen: false }))
  if (schedule.rewardRoot) await db.update(t.rewardRoot, { id: schedule.rewardRoot }).set({ opensAt, isFrozen: false })
})

ponder.on('RewardDistributor:Registered', async ({ event, context: { db } }) => {
  const { id: number, account } = event.args
  await touchAccount(db, account)
  const timestamp = event.block.timestamp
  await upsert(db, t.rewardId, wordOf(number), { number, creditedWei: 0n }, () => ({ account, timestamp }))
})

ponder.on('RewardDistributor:SubtreeCredited', async ({ event, context: { db } }) => {
  const { root, index, words } = event.args
  for (const word of words) {
    const key = BigInt(word.slice(0, 42))
    if (key === 0n || key >= 2n ** 32n) continue
    const creditedWei = BigInt(`0x${word.slice(42)}`)
    const rewardId = await db.find(t.rewardId, { id: wordOf(key) })
    if (rewardId !== null && creditedWei <= rewardId.creditedWei) continue
    await upsert(db, t.rewardId, wordOf(key), { number: key }, () => ({ creditedWei }))
  }
  const [first, ...rest] = words
  await db.insert(t.subtreeCredit).values({
    ...{ id: idOf(event), root, index, wordCount: words.length, words: concat(first!, ...rest), ...placeOf(event) },
  })
})

ponder.on('RootCourt:RootProposed', async ({ event, context: { db } }) => {
  const { epoch, root, proposer, dataDigest, engineHash, totalWei, toBlock, blockHash, opensAt, parent } = event.args
  await touchAccount(db, proposer)
  const id = concatI32('0x', Number(epoch))
  await db.insert(t.rewardRoot).values({
    ...{ id, epoch: Number(epoch), root, proposer, dataDigest, dataCid: cidOfDigest(dataDigest), engineHash, totalWei },
    ...{ toBlock, blockHash, parent: Number(parent), status: 'Proposed', opensAt, isFrozen: false },
    ...{ isBondReleased: false, ...placeOf(event) },
  })
  await upsert(db, t.rootSchedule, root, { opensAt: 0n, isFrozen: false }, () => ({ rewardRoot: id }))
  const fact = { id: idOf(event), rewardRoot: id, kind: 'Proposed', actor: proposer, ...placeOf(event) }
  await db.insert(t.rootEvent).values(fact)
})

ponder.on('RootCourt:ProposerSet', async ({ event, context: { db } }) => {
  await changeAccount(db, event.args.proposer, () => ({ isProposer: event.args.allowed }))
})

ponder.on('AgentStaking:Staked', async ({ event, context: { db } }) => {
  const { poolId, staker, from, amountWei, shares } = event.args
  const isAgent = BigInt(poolId) < 2n ** 64n
  await upsert(
    db,
    t.stakePool,
    poolId,
    { ...NEW_POOL, ...(isAgent ? { agent: poolId } : { model: poolId }) },
    (row) => ({
      activeWei: row.activeWei + amountWei,
      activeShares: row.activeShares + shares,
      stakedWei: row.stakedWei + amountWei,
    }),
  )
  const id = concat(poolId, staker)
  await touchAccount(db, staker)
  const fresh = { pool: poolId, staker, shares: 0n, stakedWei: 0n, thawedWei: 0n, withdrawnWei: 0n }
  await upsert(db, t.stake, id, fresh, (row) => ({
    shares: row.shares + shares,
    stakedWei: row.stakedWei + amountWei,
  }))
  await db.insert(t.stakeDeposit).values({ id: idOf(event), stake: id, from, amountWei, shares, ...placeOf(event) })
})

ponder.on('AgentRegistry:Transfer', async ({ event, context: { db } }) => {
  const { from, to, tokenId } = event.args
  await touchAccount(db, to)
  const id = wordOf(tokenId)
  const fresh = { number: tokenId, uri: '', isListedAuditor: false, ...timeOf(event) }
  await upsert(db, t.agent, id, fresh, () => ({ owner: to, operator: to }))
  const fact = { id: idOf(event), agent: id, kind: 'Transferred', from, account: to, ...placeOf(event) }
  await db.insert(t.agentEvent).values(fact)
})

ponder.on('AgentRegistry:Registered', async ({ event, context: { db } }) => {
  const { agentId, agentURI: uri, owner: account } = event.args
  const id = wordOf(agentId)
  await db.update(t.agent, { id }).set({ uri })
  await db
    .insert(t.agentEvent)
    .values({ id: idOf(event), agent: id, kind: 'Registered', account, uri, ...placeOf(event) })
})

ponder.on('AgentRegistry:MetadataSet', async ({ event, context: { db } }) => {
  const { agentId, indexedMetadataKey, metadataKey: key, metadataValue: value } = event.args
  const agent = wordOf(agentId)
  if (indexedMetadataKey === AGENT_WALLET) {
    const { owner } = await db.find(t.agent, { id: agent })
    const operator = value.length === 42 ? value : owner
    await db.update(t.agent, { id: agent }).set({ operator })
    await touchAccount(db, operator)
  }
  const row = { agent, key, value }
  await upsert(db, t.agentValue, concat(agent, indexedMetadataKey), row, () => row)
  await db.insert(t.agentEvent).values({ id: idOf(event), kind: 'MetadataSet', ...row, ...placeOf(event) })
})

ponder.on('AgentReputation:NewFeedback', async ({ event, context: { db } }) => {
  const { agentId, clientAddress: client, feedbackIndex: index, value, valueDecimals, tag1, tag2 } = event.args
  const { endpoint, feedbackURI: uri, feedbackHash: digest } = event.args
  await touchAccount(db, client)
  const agent = wordOf(agentId)
  await db.insert(t.feedback).values({
    ...{ id: concatI32(concat(agent, client), Number(index)), agent, client, index, value, valueDecimals, tag1, tag2 },
    ...{ endpoint, uri, digest, isRevoked: false, ...placeOf(event) },
  })
})

ponder.on('Evaluations:EvaluationRecorded', async ({ event, context: { db } }) => {
  const { evaluationId, modelId, evaluator, agentId, reportDigest, dataDigest, metric, valueE6 } = event.args
  await touchAccount(db, evaluator)
  await db.insert(t.evaluation).values({
    ...{ id: evaluationId, model: modelId, evaluator, reportDigest, dataDigest, metric, valueE6 },
    ...(agentId === 0n ? {} : { agent: wordOf(agentId) }),
    ...{ isFlagged: false, challengeCount: 0, ...placeOf(event) },
  })
})

const changeVoter = async (db: Db, id: Hex, change: (row: Row) => Row) => {
  await touchAccount(db, id)
  await upsert(db, t.voter, id, { account: id, balanceWei: 0n, votesWei: 0n, voteCount: 0 }, change)
}

ponder.on('GovernanceOpen:Transfer', async ({ event, context: { db } }) => {
  const { from, to, value } = event.args
  await saveTransfer(db, event)
  if (from !== ZERO_ADDRESS) await changeVoter(db, from, (row) => ({ balanceWei: row.balanceWei - value }))
  if (to !== ZERO_ADDRESS) await changeVoter(db, to, (row) => ({ balanceWei: row.balanceWei + value }))
})

ponder.on('GovernanceOpen:DelegateChanged', async ({ event, context: { db } }) => {
  const { delegator, fromDelegate: from, toDelegate: to } = event.args
  await changeVoter(db, delegator, () => ({ delegate: to === ZERO_ADDRESS ? null : to }))
  await db.insert(t.delegateChange).values({ id: idOf(event), voter: delegator, from, to, ...placeOf(event) })
})

ponder.on('GovernanceOpen:DelegateVotesChanged', async ({ event, context: { db } }) => {
  const { delegate, previousVotes: previousWei, newVotes: votesWei } = event.args
  await changeVoter(db, delegate, () => ({ votesWei }))
  await db.insert(t.votesChange).values({ id: idOf(event), voter: delegate, previousWei, votesWei, ...placeOf(event) })
})
