import { cidOfDigest, digestOfCid } from '@openledger/protocol'
import { AbiCoder, keccak256 } from 'ethers'
import { address, event, file, int, type TestCase, word, wordOf } from '../test-case.ts'

const [owner, contributor, validator, slasher] = [0x501, 0x502, 0x503, 0x504].map(address) as [
  string,
  string,
  string,
  string,
]
const datanet = word('curated')
const curate = (name: string, params: Record<string, unknown>) => event('Curation', name, params)
const registry = (name: string, params: Record<string, unknown>) => event('LineageRegistry', name, params)
const status = (contributionId: string, number: number) => curate('StatusChanged', { contributionId, status: number })
const [accepted, rejected, appealed, refused] = [2, 3, 4, 5]

const cids = ['first', 'second'].map((name) => cidOfDigest(word(name)))
const manifest = file(
  JSON.stringify({
    kind: 'openledger/contribution@1',
    datanetId: datanet,
    contributor,
    licence: 'MIT',
    attribution: { name: 'somebody' },
    records: cids.map((cid, i) => ({ cid, sizeBytes: 10 + i, mediaType: 'text/plain', title: `record ${i}` })),
  }),
)
const batch = { manifestDigest: digestOfCid(manifest.cid), recordRoot: word('root') }
/** As the registry names it. */
const given = keccak256(
  AbiCoder.defaultAbiCoder().encode(
    ['bytes32', 'address', 'bytes32', 'bytes32'],
    [datanet, contributor, batch.manifestDigest, batch.recordRoot],
  ),
)
const [bad, harmful, unknown] = [word('bad'), word('harmful'), word('unknown')]
const contributed = registry('Contributed', {
  ...{ datanetId: datanet, contributor, ...batch, recordCount: 2, sizeBytes: '21', licence: 'MIT' },
})
const bonded = (contributionId: string) =>
  curate('ContributionBonded', { contributionId, datanetId: datanet, contributor, bondWei: 100, validateUntil: 9_000 })
const voted = (contributionId: string, agentId: number, isAccepted: boolean) =>
  curate('Validated', {
    ...{ contributionId, agentId, validator, accepted: isAccepted },
    ...{ reasonDigest: word('reason'), exceptionsDigest: word('exceptions') },
  })

/** Rules and parameters are not here: gnd cannot encode tuples. `tests/live.ts` sets them on a chain. */
export const curation: TestCase = {
  name: 'a contribution shows its votes, its bond, its disputes and consent that was withdrawn',
  files: [manifest],
  // Time never goes back on a chain, and graph-node, which adds up by the hour, relies on it: a block without a time is of 1970.
  blocks: [
    {
      events: [
        registry('DatanetCreated', {
          ...{ datanetId: datanet, owner, modality: 0, licenceFlags: 3, royaltyPpm: 0, curated: true },
          ...{ metadataDigest: word('description'), name: 'curated', licence: 'MIT' },
        }),
        curate('ValidatorListed', { datanetId: datanet, agentId: 3, listed: true }),
        curate('ValidatorListed', { datanetId: datanet, agentId: 4, listed: true }),
      ],
    },
    {
      timestamp: 500,
      events: [
        curate('ValidatorListed', { datanetId: datanet, agentId: 4, listed: false }),
        // The owner of a model may name that, and an agent that is not there.
        curate('ValidatorListed', { datanetId: word('model'), agentId: (2n ** 256n - 1n).toString(), listed: true }),
      ],
    },
    { timestamp: 1_000, events: [contributed, bonded(given), bonded(bad), bonded(harmful)] },
    {
      timestamp: 2_000,
      events: [
        ...[voted(given, 3, true), voted(given, 5, true), status(given, accepted)],
        ...[voted(bad, 3, false), voted(bad, 5, true), voted(bad, 6, false), status(bad, rejected)],
      ],
    },
    {
      timestamp: 3_000,
      events: [
        status(bad, appealed),
        curate('Appealed', { contributionId: bad, bondWei: 40, reasonDigest: word('appeal') }),
      ],
    },
    {
      timestamp: 4_000,
      events: [
        curate('AppealRuled', { contributionId: bad, accepted: false, reasonDigest: word('ruling') }),
        status(bad, refused),
        curate('RejectionSlashed', { contributionId: bad, slashedWei: 60, bountiesWei: 30 }),
        curate('BondReturned', { contributionId: bad, contributor, amountWei: 80 }),
        curate('BountyTaken', { validator, amountWei: 15 }),
        curate('HarmSlashed', {
          ...{ contributionId: harmful, slasher, slashedWei: 20, reasonDigest: word('harm') },
        }),
        curate('Swept', { amountWei: 50 }),
      ],
    },
    // Said twice, and of a contribution that never was: the first time counts, and nothing halts.
    {
      timestamp: 5_000,
      events: [recordWithdrawn(given, 1, 'second'), recordWithdrawn(given, 1, 'second')],
    },
    {
      timestamp: 5_500,
      events: [recordWithdrawn(given, 1, 'second'), recordWithdrawn(unknown, 2n ** 255n, 'nothing')],
    },
    {
      timestamp: 6_000,
      events: [withdrawn(harmful, word('list')), withdrawn(bad, wordOf(0))],
    },
    { timestamp: 7_000, events: [withdrawn(bad, wordOf(0))] },
    {
      timestamp: 7_000,
      events: [
        flagged(given, true, 'copied'),
        flagged(harmful, true, 'copied'),
        registry('DisputeFlagSet', { id: datanet, flagger: slasher, flagged: true, reasonDigest: word('stolen') }),
      ],
    },
    { timestamp: 7_000, events: [flagged(given, false, 'settled')] },
    { timestamp: 7_000 },
    { timestamp: 7_000 },
  ],
  assertions: [
    {
      query: `{ datanets { isCurated isDisputed
        validators { id listed timestamp } }
        disputeFlags { subject flagger isDisputed reasonDigest } }`,
      expected: {
        datanets: [
          {
            isCurated: true,
            isDisputed: true,
            validators: [
              { id: `${datanet}${wordOf(3).slice(2)}`, listed: true, timestamp: '0' },
              { id: `${datanet}${wordOf(4).slice(2)}`, listed: false, timestamp: '500' },
            ],
          },
        ],
        disputeFlags: [{ subject: datanet, flagger: slasher, isDisputed: true, reasonDigest: word('stolen') }],
      },
    },
    {
      query: `{ contributionStandings { id contributionCount isDisputed withdrawnAt withdrawnBlock withdrawnRecordCount status statusSince
        validateUntil accepts rejects heldWei returnedWei slashedWei contributor { id } } }`,
      expected: {
        contributionStandings: [
          standing(given, {
            ...{ contributionCount: 1, status: 'Accepted', statusSince: '2000', accepts: 2, heldWei: '100' },
            withdrawnRecordCount: 1,
          }),
          standing(bad, {
            ...{ status: 'Refused', statusSince: '4000', accepts: 1, rejects: 2 },
            ...{ returnedWei: '80', slashedWei: '60', withdrawnAt: '6000', withdrawnBlock: '8' },
          }),
          standing(harmful, {
            ...{ status: 'Pending', statusSince: '1000', heldWei: '80', slashedWei: '20', isDisputed: true },
          }),
          standing(unknown, { status: 'None', statusSince: null, validateUntil: null, withdrawnRecordCount: 1 }),
        ],
      },
    },
    {
      query:
        '{ contributions { id standing { id status datanet { id } } records(orderBy: index) { digest standing { id withdrawnAt recordWithdrawals { id digest index timestamp } } } } }',
      expected: {
        contributions: [
          {
            id: `${datanet}${int(1)}`,
            standing: { id: given, status: 'Accepted', datanet: { id: datanet } },
            records: ['first', 'second'].map((name) => ({
              digest: word(name),
              standing: {
                id: given,
                withdrawnAt: null,
                recordWithdrawals: [
                  {
                    id: `${given}${word('second').slice(2)}`,
                    ...{ digest: word('second'), index: '1', timestamp: '5000' },
                  },
                ],
              },
            })),
          },
        ],
      },
    },
    {
      query:
        '{ datanetValidators(where: { datanet: "' + word('model') + '" }) { id datanet { id } agent { id } listed } }',
      expected: {
        datanetValidators: [{ id: `${word('model')}${'ff'.repeat(32)}`, datanet: null, agent: null, listed: true }],
      },
    },
    {
      query: '{ validations { standing { id } validator { id } isAccepted reasonDigest exceptionsDigest } }',
      expected: {
        validations: [vote(given, true), vote(given, true), vote(bad, false), vote(bad, true), vote(bad, false)],
      },
    },
    {
      query: `{ curationEvents(where: { standing: "${bad}" }) { kind status amountWei bountiesWei isAccepted slasher reasonDigest } }`,
      expected: {
        curationEvents: [
          step('Bonded', { amountWei: '100' }),
          step('StatusChanged', { status: 'Rejected' }),
          step('StatusChanged', { status: 'Appealed' }),
          step('Appealed', { amountWei: '40', reasonDigest: word('appeal') }),
          step('AppealRuled', { isAccepted: false, reasonDigest: word('ruling') }),
          step('StatusChanged', { status: 'Refused' }),
          step('RejectionSlashed', { amountWei: '60', bountiesWei: '30' }),
          step('BondReturned', { amountWei: '80' }),
        ],
      },
    },
    {
      query: `{ curationEvents(where: { standing: "${harmful}", kind: HarmSlashed }) { kind status amountWei bountiesWei isAccepted slasher reasonDigest }
        bountyPayments { validator { id } amountWei } slashSweeps { amountWei }
        consentWithdrawals { standing { id } recordsDigest timestamp }
        contributionFlags { standing { id } flagger isDisputed reasonDigest } }`,
      expected: {
        curationEvents: [step('HarmSlashed', { amountWei: '20', slasher, reasonDigest: word('harm') })],
        bountyPayments: [{ validator: { id: validator }, amountWei: '15' }],
        slashSweeps: [{ amountWei: '50' }],
        consentWithdrawals: [
          { standing: { id: harmful }, recordsDigest: word('list'), timestamp: '6000' },
          { standing: { id: bad }, recordsDigest: wordOf(0), timestamp: '6000' },
          { standing: { id: bad }, recordsDigest: wordOf(0), timestamp: '7000' },
        ],
        contributionFlags: [
          { standing: { id: given }, flagger: slasher, isDisputed: true, reasonDigest: word('copied') },
          { standing: { id: harmful }, flagger: slasher, isDisputed: true, reasonDigest: word('copied') },
          { standing: { id: given }, flagger: slasher, isDisputed: false, reasonDigest: word('settled') },
        ],
      },
    },
  ],
}

function recordWithdrawn(contributionId: string, index: bigint | number, name: string) {
  const record = { recordDigest: word(name), index: index.toString() }
  return curate('RecordConsentWithdrawn', { datanetId: datanet, contributionId, contributor, ...record })
}

function withdrawn(contributionId: string, recordsDigest: string) {
  return curate('ConsentWithdrawn', { datanetId: datanet, contributionId, contributor, recordsDigest })
}

function flagged(contributionId: string, isDisputed: boolean, reason: string) {
  const flag = { flagger: slasher, flagged: isDisputed, reasonDigest: word(reason) }
  return registry('ContributionFlagSet', { datanetId: datanet, contributionId, ...flag })
}

function standing(id: string, differences: Record<string, unknown>): Record<string, unknown> {
  return {
    id,
    contributionCount: 0,
    isDisputed: false,
    withdrawnAt: null,
    withdrawnBlock: null,
    withdrawnRecordCount: 0,
    validateUntil: '9000',
    accepts: 0,
    rejects: 0,
    heldWei: '0',
    returnedWei: '0',
    slashedWei: '0',
    contributor: { id: contributor },
    ...differences,
  }
}

function vote(contributionId: string, isAccepted: boolean): Record<string, unknown> {
  const digests = { reasonDigest: word('reason'), exceptionsDigest: word('exceptions') }
  return { standing: { id: contributionId }, validator: { id: validator }, isAccepted, ...digests }
}

function step(kind: string, differences: Record<string, unknown>): Record<string, unknown> {
  const nothing = { status: null, amountWei: null, bountiesWei: null, isAccepted: null, slasher: null }
  return { kind, ...nothing, reasonDigest: null, ...differences }
}
