import { digestOfCid } from '@openledger/protocol'
import { address, event, file, type TestCase, word, wordOf } from '../test-case.ts'

const [datanet, owner, node, model] = [word('datanet'), address(0xa), address(0xb), word('model')]
const [poolId, staker] = [wordOf(1), address(0xd)]
/** Begin of a day, Unix seconds. */
const DAY = 1_750_032_000
const at = (hour: number) => DAY + hour * 3_600 + 60
const begin = (hour: number) => `${DAY + hour * 3_600}000000`

// What manifests say does not matter here.
const manifest = file('{}')
const digest = digestOfCid(manifest.cid)

const transfer = (value: number) => event('OpenToken', 'Transfer', { from: address(1), to: address(2), value })
const claim = (amountWei: number, cumulativeWei: number) =>
  event('RewardDistributor', 'Claimed', { account: owner, to: owner, amountWei, cumulativeWei })
const anchor = (batch: number, receiptCount: number, totalWei: number) =>
  event('InferenceEscrow', 'ReceiptsAnchored', {
    ...{ node, batch, receiptsRoot: word('root'), receiptsDigest: digest, receiptCount },
    ...{ firstSequence: batch, lastReceiptHash: word('last'), totalWei },
  })
const divide = (batch: number, modelId: string, parts: number) =>
  event('InferenceEscrow', 'Divided', { batch, modelId, ...divided(parts) })
const contribute = (recordCount: number) =>
  event('LineageRegistry', 'Contributed', {
    ...{ datanetId: datanet, contributor: owner, manifestDigest: digest, recordRoot: word('root'), recordCount },
    ...{ sizeBytes: 10 * recordCount, licence: 'MIT' },
  })
const stake = (amountWei: number) =>
  event('AgentStaking', 'Staked', { poolId, staker, from: staker, amountWei, shares: amountWei })
const thaw = (amountWei: number) =>
  event('AgentStaking', 'ThawStarted', {
    ...{ poolId, staker, shares: amountWei, thawingShares: amountWei, amountWei, until: 1 },
  })
const reward = (amountWei: number, commissionWei: number) =>
  event('AgentStaking', 'Rewarded', { poolId, from: owner, operator: staker, amountWei, commissionWei })
const slash = (slashedWei: number, activeWei: number) =>
  event('AgentStaking', 'Slashed', {
    ...{ poolId, slasher: owner, bountyTo: owner, slashedWei, activeWei, bountyWei: 0 },
  })

export const overTime: TestCase = {
  name: 'fees, payouts, service, transfers, contributions and stake add up by hour and day, the current ones included',
  files: [manifest],
  blocks: [
    {
      timestamp: at(0),
      events: [
        event('LineageRegistry', 'DatanetCreated', {
          ...{ datanetId: datanet, owner, modality: 0, licenceFlags: 3, royaltyPpm: 0, licence: 'MIT', curated: false },
          ...{ metadataDigest: word('description'), name: 'texts' },
        }),
        ...[transfer(5), transfer(7), claim(100, 100), contribute(3), stake(1_000)],
        ...[anchor(1, 4, 21), divide(1, model, 1)],
      ],
    },
    // The same hour, but another block.
    { timestamp: at(0) + 600, events: [transfer(11), contribute(4), thaw(200)] },
    {
      timestamp: at(5),
      events: [claim(50, 150), reward(70, 20), slash(90, 40), anchor(2, 5, 63), divide(2, model, 3)],
    },
    { timestamp: at(26), events: [transfer(2), claim(1, 151), contribute(5), divide(3, word('other'), 1)] },
  ],
  assertions: [
    both('transferSums', 'transferCount amountWei', {
      hour: [
        [26, { transferCount: '1', amountWei: '2' }],
        [0, { transferCount: '3', amountWei: '23' }],
      ],
      day: [
        [24, { transferCount: '1', amountWei: '2' }],
        [0, { transferCount: '3', amountWei: '23' }],
      ],
    }),
    both('payoutSums', 'claimCount amountWei totalWei', {
      hour: [
        [26, { claimCount: '1', amountWei: '1', totalWei: '151' }],
        [5, { claimCount: '1', amountWei: '50', totalWei: '150' }],
        [0, { claimCount: '1', amountWei: '100', totalWei: '100' }],
      ],
      day: [
        [24, { claimCount: '1', amountWei: '1', totalWei: '151' }],
        [0, { claimCount: '2', amountWei: '150', totalWei: '150' }],
      ],
    }),
    both(
      'feeSums',
      'divisionCount amountWei protocolWei nodeWei baseOwnerWei adapterOwnerWei stakersWei contributorsWei totalWei',
      {
        hour: [
          [26, { divisionCount: '1', ...divided(1), totalWei: '105' }],
          [5, { divisionCount: '1', ...divided(3), totalWei: '84' }],
          [0, { divisionCount: '1', ...divided(1), totalWei: '21' }],
        ],
        day: [
          [24, { divisionCount: '1', ...divided(1), totalWei: '105' }],
          [0, { divisionCount: '2', ...divided(4), totalWei: '84' }],
        ],
      },
    ),
    both(
      'modelFeeSums',
      'divisionCount amountWei contributorsWei totalWei',
      {
        hour: [
          [5, { divisionCount: '1', amountWei: '63', contributorsWei: '18', totalWei: '84' }],
          [0, { divisionCount: '1', amountWei: '21', contributorsWei: '6', totalWei: '21' }],
        ],
        day: [[0, { divisionCount: '2', amountWei: '84', contributorsWei: '24', totalWei: '84' }]],
      },
      `model: "${model}"`,
    ),
    both('serviceSums', 'batchCount receiptCount amountWei', {
      hour: [
        [5, { batchCount: '1', receiptCount: '5', amountWei: '63' }],
        [0, { batchCount: '1', receiptCount: '4', amountWei: '21' }],
      ],
      day: [[0, { batchCount: '2', receiptCount: '9', amountWei: '84' }]],
    }),
    both('nodeServiceSums', 'node { id } batchCount receiptCount amountWei', {
      hour: [
        [5, { node: { id: node }, batchCount: '1', receiptCount: '5', amountWei: '63' }],
        [0, { node: { id: node }, batchCount: '1', receiptCount: '4', amountWei: '21' }],
      ],
      day: [[0, { node: { id: node }, batchCount: '2', receiptCount: '9', amountWei: '84' }]],
    }),
    ...(['contributionSums', 'datanetContributionSums'] as const).map((field) =>
      both(field, 'contributionCount recordCount sizeBytes totalRecordCount', {
        hour: [
          [26, { contributionCount: '1', recordCount: '5', sizeBytes: '50', totalRecordCount: '12' }],
          [0, { contributionCount: '2', recordCount: '7', sizeBytes: '70', totalRecordCount: '7' }],
        ],
        day: [
          [24, { contributionCount: '1', recordCount: '5', sizeBytes: '50', totalRecordCount: '12' }],
          [0, { contributionCount: '2', recordCount: '7', sizeBytes: '70', totalRecordCount: '7' }],
        ],
      }),
    ),
    // Of the 90 that were slashed, 50 were thawing already.
    ...(['stakeSums', 'poolStakeSums'] as const).map((field) =>
      both(field, 'addedWei removedWei activeWei', {
        hour: [
          [5, { addedWei: '50', removedWei: '40', activeWei: '810' }],
          [0, { addedWei: '1000', removedWei: '200', activeWei: '800' }],
        ],
        day: [[0, { addedWei: '1050', removedWei: '240', activeWei: '810' }]],
      }),
    ),
    { query: `{ stakePool(id: "${poolId}") { activeWei } }`, expected: { stakePool: { activeWei: '810' } } },
  ].flat(),
}

/** What `divide` gives to whom. */
function divided(parts: number): Record<string, string> {
  const [amountWei, protocolWei, nodeWei, baseOwnerWei, adapterOwnerWei, stakersWei, contributorsWei] = [
    ...[21, 1, 2, 3, 4, 5, 6],
  ].map((part) => String(part * parts)) as [string, string, string, string, string, string, string]
  return { amountWei, protocolWei, nodeWei, baseOwnerWei, adapterOwnerWei, stakersWei, contributorsWei }
}

type Rows = readonly (readonly [hour: number, parts: Record<string, unknown>])[]

/** One question each for the hours and the days; rows newest first, as graph-node gives them. */
function both(
  field: string,
  parts: string,
  expected: { hour: Rows; day: Rows },
  where?: string,
): TestCase['assertions'] {
  const filter = where === undefined ? '' : `, where: { ${where} }`
  return (['hour', 'day'] as const).map((interval) => ({
    query: `{ ${field}(interval: ${interval}, current: include${filter}) { timestamp ${parts} } }`,
    expected: { [field]: expected[interval].map(([hour, row]) => ({ timestamp: begin(hour), ...row })) },
  }))
}
