import { address, event, int, placeOf, type TestCase, word, wordOf } from '../test-case.ts'

const [alice, bob, target] = [0x601, 0x602, 0x603].map(address) as [string, string, string]
const [passed, stopped] = [2n ** 255n + 7n, 11n]
const votes = (name: string, params: Record<string, unknown>) => event('GovernanceOpen', name, params)
const governor = (name: string, params: Record<string, unknown>) => event('OpenGovernor', name, params)
const timelock = (name: string, params: Record<string, unknown>) => event('OpenTimelock', name, params)
const transfer = (from: string, to: string, value: number) => votes('Transfer', { from, to, value })

const created = (proposalId: bigint, targets: string[]) =>
  governor('ProposalCreated', {
    proposalId: proposalId.toString(),
    proposer: alice,
    targets,
    values: targets.map((_, i) => i),
    signatures: targets.map((_, i) => (i === 0 ? '' : 'pause()')),
    calldatas: targets.map((_, i) => `0x${'ab'.repeat(5_000 * i)}`),
    voteStart: 100,
    voteEnd: 200,
    description: 'Why “not”?\u0000',
  })
const voted = (name: string, voter: string, support: number, weight: number, more: object = {}) =>
  governor(name, { voter, proposalId: passed.toString(), support, weight, reason: `reason ${support}`, ...more })
const scheduled = (operation: string, index: number, delay: number) =>
  timelock('CallScheduled', {
    ...{ id: word(operation), index, target, value: 5, data: '0xfe', predecessor: word('before'), delay },
  })

export const governance: TestCase = {
  name: 'gOPEN and its votes, proposals through all they can come to, and the timelock',
  blocks: [
    { events: [transfer(address(0), alice, 1_000), transfer(alice, bob, 300)] },
    { events: [transfer(bob, address(0), 100)] },
    {
      events: [
        votes('DelegateChanged', { delegator: alice, fromDelegate: address(0), toDelegate: bob }),
        votes('DelegateChanged', { delegator: bob, fromDelegate: address(0), toDelegate: bob }),
        votes('DelegateVotesChanged', { delegate: bob, previousVotes: 0, newVotes: 900 }),
      ],
    },
    { events: [votes('DelegateChanged', { delegator: bob, fromDelegate: bob, toDelegate: address(0) })] },
    { timestamp: 50, events: [created(passed, [target, alice]), created(stopped, [])] },
    {
      events: [
        voted('VoteCast', alice, 0, 10),
        voted('VoteCast', bob, 1, 900),
        voted('VoteCastWithParams', target, 2, 3, { params: '0x77' }),
        governor('ProposalExtended', { proposalId: passed.toString(), extendedDeadline: 250 }),
      ],
    },
    { events: [governor('ProposalQueued', { proposalId: passed.toString(), etaSeconds: 300 })] },
    { timestamp: 400, events: [governor('ProposalExecuted', { proposalId: passed.toString() })] },
    { timestamp: 500, events: [governor('ProposalCanceled', { proposalId: stopped.toString() })] },
    { timestamp: 600, events: [scheduled('done', 0, 60), scheduled('done', 1, 60), scheduled('off', 0, 70)] },
    {
      timestamp: 700,
      events: [
        ...[0, 1].map((index) => timelock('CallExecuted', { id: word('done'), index, target, value: 5, data: '0xfe' })),
        timelock('Cancelled', { id: word('off') }),
        timelock('Cancelled', { id: word('never') }),
      ],
    },
    {
      events: [
        timelock('RoleGranted', { role: word('PROPOSER_ROLE'), account: alice, sender: bob }),
        timelock('RoleGranted', { role: word('CANCELLER_ROLE'), account: alice, sender: bob }),
      ],
    },
    { events: [timelock('RoleRevoked', { role: word('CANCELLER_ROLE'), account: alice, sender: bob })] },
  ],
  assertions: [
    {
      query:
        '{ voters { id balanceWei votesWei delegate voteCount account { id } } tokenTransfers { token { id name } from to amountWei } }',
      expected: {
        voters: [
          { ...voterEntity(alice), balanceWei: '700', votesWei: '0', delegate: bob },
          { ...voterEntity(bob), balanceWei: '200', votesWei: '900', delegate: null },
          { ...voterEntity(target), balanceWei: '0', votesWei: '0', delegate: null },
        ],
        tokenTransfers: [
          { token: gOpen(), from: address(0), to: alice, amountWei: '1000' },
          { token: gOpen(), from: alice, to: bob, amountWei: '300' },
          { token: gOpen(), from: bob, to: address(0), amountWei: '100' },
        ],
      },
    },
    {
      query:
        '{ delegateChanges { voter { id } from to } votesChanges { voter { id } previousWei votesWei } votes { proposal { number } voter { id } support weightWei reason parameters } }',
      expected: {
        delegateChanges: [
          { voter: { id: alice }, from: address(0), to: bob },
          { voter: { id: bob }, from: address(0), to: bob },
          { voter: { id: bob }, from: bob, to: address(0) },
        ],
        votesChanges: [{ voter: { id: bob }, previousWei: '0', votesWei: '900' }],
        votes: [
          voteEntity(alice, { support: 'Against', weightWei: '10', reason: 'reason 0' }),
          voteEntity(bob, { support: 'For', weightWei: '900', reason: 'reason 1' }),
          voteEntity(target, { support: 'Abstain', weightWei: '3', reason: 'reason 2', parameters: '0x77' }),
        ],
      },
    },
    {
      query: `{ proposals { id number proposer { id } description voteStart voteEnd status etaAt closedAt forWei againstWei abstainWei voteCount
        calls(orderBy: index) { id index target valueWei signature data } events { kind until } } }`,
      expected: {
        proposals: [
          proposalEntity(passed, {
            ...{ voteEnd: '250', status: 'Executed', etaAt: '300', closedAt: '400' },
            ...{ forWei: '900', againstWei: '10', abstainWei: '3', voteCount: 3 },
            calls: [
              { ...callOf(0), target, valueWei: '0', signature: '', data: '0x' },
              { ...callOf(1), target: alice, valueWei: '1', signature: 'pause()', data: `0x${'ab'.repeat(5_000)}` },
            ],
            events: [
              { kind: 'Created', until: null },
              { kind: 'Extended', until: '250' },
              { kind: 'Queued', until: '300' },
              { kind: 'Executed', until: null },
            ],
          }),
          proposalEntity(stopped, {
            ...{ voteEnd: '200', status: 'Canceled', etaAt: null, closedAt: '500' },
            ...{ forWei: '0', againstWei: '0', abstainWei: '0', voteCount: 0, calls: [] },
            events: [
              { kind: 'Created', until: null },
              { kind: 'Canceled', until: null },
            ],
          }),
        ],
      },
    },
    {
      query:
        '{ timelockOperations { id status predecessor readyAt closedAt calls(orderBy: index) { id index target valueWei data } } }',
      expected: {
        timelockOperations: [
          {
            ...{ id: word('done'), status: 'Executed', predecessor: word('before'), readyAt: '660', closedAt: '700' },
            calls: [operationCall('done', 0), operationCall('done', 1)],
          },
          {
            ...{ id: word('off'), status: 'Cancelled', predecessor: word('before'), readyAt: '670', closedAt: '700' },
            calls: [operationCall('off', 0)],
          },
        ],
      },
    },
    {
      query: '{ permissions { contract { name } role holder allowed changes { allowed } } }',
      expected: {
        permissions: [
          permission('PROPOSER_ROLE', true, [{ allowed: true }]),
          permission('CANCELLER_ROLE', false, [{ allowed: true }, { allowed: false }]),
        ],
      },
    },
  ],
}

function gOpen(): { id: string; name: string } {
  return { id: placeOf('GovernanceOpen'), name: 'GovernanceOpen' }
}

function voterEntity(id: string): Record<string, unknown> {
  return { id, voteCount: 1, account: { id } }
}

function voteEntity(voter: string, differences: Record<string, unknown>): Record<string, unknown> {
  return { proposal: { number: passed.toString() }, voter: { id: voter }, parameters: null, ...differences }
}

function proposalEntity(number: bigint, differences: Record<string, unknown>): Record<string, unknown> {
  const said = { proposer: { id: alice }, description: 'Why “not”?', voteStart: '100' }
  return { id: wordOf(number), number: number.toString(), ...said, ...differences }
}

function callOf(index: number): { id: string; index: number } {
  return { id: `${wordOf(passed)}${int(index)}`, index }
}

function operationCall(operation: string, index: number): Record<string, unknown> {
  return { id: `${word(operation)}${int(index)}`, index, target, valueWei: '5', data: '0xfe' }
}

function permission(role: string, allowed: boolean, changes: { allowed: boolean }[]): Record<string, unknown> {
  return { contract: { name: 'OpenTimelock' }, role: word(role), holder: alice, allowed, changes }
}
