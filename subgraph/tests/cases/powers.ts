import type { ContractName } from '@openledger/protocol'
import { address, event, placeOf, type TestCase } from '../test-case.ts'

const [founder, governance, guardian, code, newcomer] = [0xa01, 0xa02, 0xa03, 0xa04, 0xa05].map(address) as [
  string,
  string,
  string,
  string,
  string,
]
/** Behind a proxy, with a guardian. */
const GUARDED: ContractName[] = [
  ...(['AgentRegistry', 'AgentReputation', 'AgentStaking', 'CommunityEmission', 'Curation', 'Disputes'] as const),
  ...(['Evaluations', 'InferenceEscrow', 'LineageRegistry', 'QualityReports', 'ReplayFaults', 'RewardDrip'] as const),
  ...(['RootCourt', 'TrainingJobs'] as const),
]

const setUp = (name: ContractName) => [
  event(name, 'Upgraded', { implementation: code }),
  event(name, 'OwnershipTransferred', { previousOwner: address(0), newOwner: founder }),
  event(name, 'GuardianSet', { guardian }),
  event(name, 'Initialized', { version: 1 }),
]
const handedOver = (name: ContractName) => [
  event(name, 'OwnershipTransferred', { previousOwner: founder, newOwner: governance }),
  event(name, 'Paused', { by: guardian }),
]
/** Those that are paused a second time. */
const AGAIN = GUARDED.filter((name) => name !== 'Curation')
const set = (contract: ContractName, name: string, params: Record<string, unknown>) => event(contract, name, params)

/** Every setting and role that no other case sets: the event, and what stands afterwards. */
const SETTINGS: [ContractName, string, Record<string, unknown>, [string, string | null, string | null][]][] = [
  ['LineageRegistry', 'ContributionRulesSet', { rules: code }, [['contributionRules', null, code]]],
  ['RootCourt', 'BondSet', { bondWei: 5 }, [['bondWei', '5', null]]],
  ['RootCourt', 'CouncilSet', { council: code }, [['council', null, code]]],
  [
    ...(['AgentStaking', 'SlashCapsSet', { slashPpm: 3, windowPpm: 4 }] as const),
    [
      ['slashPpm', '3', null],
      ['windowPpm', '4', null],
    ],
  ],
  ['AgentStaking', 'BountySet', { ppm: 6 }, [['bountyPpm', '6', null]]],
  ['AgentStaking', 'ThawTimeSet', { thawTime: 7 }, [['thawTime', '7', null]]],
  ['Curation', 'CouncilSet', { council: code }, [['council', null, code]]],
  ['OpenGovernor', 'VotingDelaySet', { oldVotingDelay: 1, newVotingDelay: 2 }, [['votingDelay', '2', null]]],
  ['OpenGovernor', 'VotingPeriodSet', { oldVotingPeriod: 1, newVotingPeriod: 3 }, [['votingPeriod', '3', null]]],
  [
    ...(['OpenGovernor', 'ProposalThresholdSet', { oldProposalThreshold: 1, newProposalThreshold: 4 }] as const),
    [['proposalThresholdWei', '4', null]],
  ],
  [
    ...(['OpenGovernor', 'QuorumNumeratorUpdated', { oldQuorumNumerator: 1, newQuorumNumerator: 5 }] as const),
    [['quorumPpm', '5', null]],
  ],
  [
    ...(['OpenGovernor', 'LateQuorumVoteExtensionSet', { oldVoteExtension: 1, newVoteExtension: 6 }] as const),
    [['voteExtension', '6', null]],
  ],
  [
    ...(['OpenGovernor', 'ProposalGuardianSet'] as const),
    { oldProposalGuardian: guardian, newProposalGuardian: address(0) },
    [['proposalGuardian', null, address(0)]],
  ],
  ['OpenGovernor', 'TimelockChange', { oldTimelock: address(0), newTimelock: code }, [['timelock', null, code]]],
  ['OpenTimelock', 'MinDelayChange', { oldDuration: 1, newDuration: 8 }, [['minDelay', '8', null]]],
  ['Disputes', 'BondSet', { bondWei: 9 }, [['bondWei', '9', null]]],
  ['Disputes', 'AnswerTimeSet', { answerTime: 10 }, [['answerTime', '10', null]]],
  ['Disputes', 'ArbiterSet', { arbiter: code }, [['arbiter', null, code]]],
  ['ReplayFaults', 'FaultRateSet', { ppm: 11 }, [['faultPpm', '11', null]]],
  ['ReplayFaults', 'LiabilityTimeSet', { liabilityTime: 12 }, [['liabilityTime', '12', null]]],
  ['QualityReports', 'MinStakeSet', { minStakeWei: 13 }, [['minStakeWei', '13', null]]],
  ['Evaluations', 'MinStakeSet', { minStakeWei: 14 }, [['minStakeWei', '14', null]]],
  [
    ...(['RewardDrip', 'DripSet', { weiPerDay: 15, burstWei: 16 }] as const),
    [
      ['weiPerDay', '15', null],
      ['burstWei', '16', null],
    ],
  ],
  ['CommunityEmission', 'RateSet', { ratePerDayWei: 17 }, [['ratePerDayWei', '17', null]]],
  ['CommunityEmission', 'SinkSet', { sink: code }, [['sink', null, code]]],
  [
    ...(['BoundedPrice', 'BoundsSet', { minWei: 18, maxWei: 19, maxChangePpm: 20, minIntervalSeconds: 21 }] as const),
    [
      ['minWei', '18', null],
      ['maxWei', '19', null],
      ['maxChangePpm', '20', null],
      ['minIntervalSeconds', '21', null],
    ],
  ],
  ['BoundedPrice', 'KeeperSet', { keeper: code }, [['keeper', null, code]]],
  [
    ...(['OpenPaymaster', 'TermsSet'] as const),
    { markupPpm: 22, postOpGas: 23, maxAgeSeconds: 24, operationCapWei: 25, senderCapWei: 26, dayCapWei: 27 },
    [
      ['markupPpm', '22', null],
      ['postOpGas', '23', null],
      ['maxAgeSeconds', '24', null],
      ['operationCapWei', '25', null],
      ['senderCapWei', '26', null],
      ['dayCapWei', '27', null],
    ],
  ],
  ['OpenPaymaster', 'SourceSet', { source: code }, [['source', null, code]]],
]
const ROLES: [ContractName, string, string, string][] = [
  ['AgentStaking', 'SlasherSet', 'slasher', 'slasher'],
  ['Curation', 'SlasherSet', 'slasher', 'slasher'],
  ['LineageRegistry', 'FlaggerSet', 'flagger', 'flagger'],
  ['LineageRegistry', 'AttesterSet', 'attester', 'attester'],
  ['RootCourt', 'ProposerSet', 'proposer', 'proposer'],
]

export const powers: TestCase = {
  name: 'who owns, guards and pauses each contract, what governance set on it, and who may do what',
  blocks: [
    { events: GUARDED.flatMap(setUp) },
    { events: GUARDED.flatMap(handedOver) },
    { events: GUARDED.map((name) => event(name, 'Unpaused', { by: governance })) },
    { events: AGAIN.map((name) => event(name, 'Paused', { by: guardian })) },
    {
      events: [
        event('Disputes', 'GuardianSet', { guardian: address(0) }),
        event('Disputes', 'OwnershipTransferred', { previousOwner: governance, newOwner: address(0) }),
        event('BoundedPrice', 'OwnershipTransferred', { previousOwner: address(0), newOwner: governance }),
        event('OpenPaymaster', 'OwnershipTransferred', { previousOwner: address(0), newOwner: founder }),
        event('OpenPaymaster', 'GuardianSet', { guardian }),
        event('OpenPaymaster', 'OwnershipTransferStarted', { previousOwner: founder, newOwner: governance }),
      ],
    },
    {
      events: [
        event('OpenPaymaster', 'OwnershipTransferred', { previousOwner: founder, newOwner: governance }),
        event('OpenPaymaster', 'Paused', { by: guardian }),
        event('OpenPaymaster', 'OwnershipTransferStarted', { previousOwner: governance, newOwner: newcomer }),
      ],
    },
    { events: [event('OpenPaymaster', 'Unpaused', { by: governance })] },
    { events: SETTINGS.map(([contract, name, params]) => set(contract, name, params)) },
    { events: ROLES.map(([contract, name, , field]) => set(contract, name, { [field]: newcomer, allowed: true })) },
    { events: [set('Curation', 'SlasherSet', { slasher: newcomer, allowed: false })] },
  ],
  assertions: [
    {
      query:
        '{ contracts(orderBy: name, where: { owner_not: null }) { id name isPaused guardian owner nextOwner implementation initializedVersion } }',
      expected: {
        contracts: [
          ...GUARDED.filter((name) => name !== 'Disputes').map((name) =>
            contract(name, { isPaused: name !== 'Curation' }),
          ),
          contract('BoundedPrice', { guardian: null, ...immutable() }),
          contract('OpenPaymaster', { nextOwner: newcomer, ...immutable() }),
        ],
      },
    },
    {
      query: `{ contracts(where: { name: "Disputes" }) { owner guardian isPaused events { kind account from } } }`,
      expected: {
        contracts: [
          {
            ...{ owner: null, guardian: null, isPaused: true },
            events: [
              { kind: 'Upgraded', account: code, from: null },
              { kind: 'OwnershipTransferred', account: founder, from: address(0) },
              { kind: 'GuardianSet', account: guardian, from: null },
              { kind: 'OwnershipTransferred', account: governance, from: founder },
              { kind: 'Paused', account: guardian, from: null },
              { kind: 'Unpaused', account: governance, from: null },
              { kind: 'Paused', account: guardian, from: null },
              { kind: 'GuardianSet', account: address(0), from: null },
              { kind: 'OwnershipTransferred', account: address(0), from: governance },
            ],
          },
        ],
      },
    },
    {
      query:
        '{ contractEvents(where: { kind_in: [Unpaused, OwnershipOffered] }) { contract { name } kind account from } }',
      expected: {
        contractEvents: [
          ...GUARDED.map((name) => ({ contract: { name }, kind: 'Unpaused', account: governance, from: null })),
          { contract: { name: 'OpenPaymaster' }, kind: 'OwnershipOffered', account: governance, from: founder },
          { contract: { name: 'OpenPaymaster' }, kind: 'OwnershipOffered', account: newcomer, from: governance },
          { contract: { name: 'OpenPaymaster' }, kind: 'Unpaused', account: governance, from: null },
        ],
      },
    },
    {
      query: '{ settings { contract { name } name value account } }',
      expected: {
        settings: SETTINGS.flatMap(([home, , , values]) =>
          values.map(([name, value, account]) => ({ contract: { name: home }, name, value, account })),
        ),
      },
    },
    {
      query: '{ permissions { contract { name } role holder allowed } }',
      expected: {
        permissions: ROLES.map(([name, , role]) => ({
          ...{ contract: { name }, role, holder: newcomer, allowed: name !== 'Curation' },
        })),
      },
    },
  ],
}

function contract(name: ContractName, differences: Record<string, unknown>): Record<string, unknown> {
  const proxy = { implementation: code, initializedVersion: '1' }
  return {
    id: placeOf(name),
    name,
    isPaused: false,
    guardian,
    owner: governance,
    nextOwner: null,
    ...proxy,
    ...differences,
  }
}

function immutable(): Record<string, unknown> {
  return { implementation: null, initializedVersion: null }
}
