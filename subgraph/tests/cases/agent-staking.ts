import { address, event, int, type TestCase, word, wordOf } from '../test-case.ts'

const [alice, bob, operator, slasher, reporter] = [0x301, 0x302, 0x303, 0x304, 0x305].map(address) as [
  string,
  string,
  string,
  string,
  string,
]
const [agent, model] = [wordOf(7), word('model')]
const staking = (name: string, params: Record<string, unknown>) => event('AgentStaking', name, params)
const staked = (poolId: string, staker: string, from: string, amountWei: number, shares: number) =>
  staking('Staked', { poolId, staker, from, amountWei, shares })

export const agentStaking: TestCase = {
  name: 'stake, thaws, rewards and slashes of a pool add up to what it holds',
  blocks: [
    { events: [staked(agent, alice, alice, 1_000, 1_000), staked(agent, bob, alice, 500, 500)] },
    { events: [staked(model, bob, bob, 90, 80)] },
    {
      events: [
        staking('ThawStarted', {
          ...{ poolId: agent, staker: alice, shares: 400, thawingShares: 390, amountWei: 400, until: 9_000 },
        }),
      ],
    },
    {
      events: [
        staking('Rewarded', { poolId: agent, from: bob, operator, amountWei: 100, commissionWei: 10 }),
        staking('Rewarded', { poolId: model, from: bob, operator: address(0), amountWei: 7, commissionWei: 0 }),
        staking('RewardDiverted', { poolId: word('empty'), from: bob, amountWei: 3 }),
      ],
    },
    {
      events: [
        staking('Locked', { poolId: agent, lockId: 1, slasher, amountWei: 300, until: 8_000 }),
        staking('Locked', { poolId: agent, lockId: 2, slasher, amountWei: 200, until: 8_500 }),
      ],
    },
    {
      events: [
        staking('Slashed', {
          ...{ poolId: agent, slasher, bountyTo: reporter, slashedWei: 159, activeWei: 119, bountyWei: 20 },
        }),
      ],
    },
    { timestamp: 7_777, events: [staking('Unlocked', { poolId: agent, lockId: 1 })] },
    { events: [staking('Unlocked', { poolId: agent, lockId: 9 })] },
    { events: [staking('StakeWithdrawn', { poolId: agent, staker: alice, to: bob, amountWei: 360 })] },
    { events: [staking('CommissionSet', { poolId: agent, ppm: 100_000, from: 5_000 })] },
    { events: [staking('CommissionWithdrawn', { operator, to: bob, amountWei: 6 })] },
  ],
  assertions: [
    {
      query: `{ stakePools { id activeWei thawingWei activeShares stakedWei withdrawnWei rewardedWei commissionWei slashedWei
        commissionPpm commissionFrom model { id } } }`,
      expected: {
        stakePools: [
          {
            id: agent,
            activeWei: '1071',
            thawingWei: '0',
            activeShares: '1100',
            stakedWei: '1500',
            withdrawnWei: '360',
            rewardedWei: '90',
            commissionWei: '10',
            slashedWei: '159',
            commissionPpm: 100_000,
            commissionFrom: '5000',
            model: null,
          },
          { ...untouched(model), activeWei: '97', activeShares: '80', stakedWei: '90', rewardedWei: '7' },
          untouched(word('empty')),
        ],
      },
    },
    {
      query: '{ stakes { id shares stakedWei thawedWei withdrawnWei pool { id } staker { id } } }',
      expected: {
        stakes: [
          stakeEntity(agent, alice, { shares: '600', stakedWei: '1000', thawedWei: '400', withdrawnWei: '360' }),
          stakeEntity(agent, bob, { shares: '500', stakedWei: '500' }),
          stakeEntity(model, bob, { shares: '80', stakedWei: '90' }),
        ],
      },
    },
    {
      query:
        '{ stakeDeposits { stake { id } from amountWei shares } stakeThaws { stake { id } shares thawingShares amountWei until } stakeWithdrawals { stake { id } to amountWei } }',
      expected: {
        stakeDeposits: [
          { stake: stakeOf(agent, alice), from: alice, amountWei: '1000', shares: '1000' },
          { stake: stakeOf(agent, bob), from: alice, amountWei: '500', shares: '500' },
          { stake: stakeOf(model, bob), from: bob, amountWei: '90', shares: '80' },
        ],
        stakeThaws: [
          { stake: stakeOf(agent, alice), shares: '400', thawingShares: '390', amountWei: '400', until: '9000' },
        ],
        stakeWithdrawals: [{ stake: stakeOf(agent, alice), to: bob, amountWei: '360' }],
      },
    },
    {
      query:
        '{ poolRewards { pool { id } from operator { id } amountWei commissionWei isDiverted } poolSlashes { pool { id } slasher bountyTo slashedWei activeWei bountyWei } }',
      expected: {
        poolRewards: [
          rewardEntity(agent, { operator: { id: operator }, amountWei: '100', commissionWei: '10' }),
          rewardEntity(model, { amountWei: '7' }),
          rewardEntity(word('empty'), { amountWei: '3', isDiverted: true }),
        ],
        poolSlashes: [
          { pool: { id: agent }, slasher, bountyTo: reporter, slashedWei: '159', activeWei: '119', bountyWei: '20' },
        ],
      },
    },
    {
      query: '{ stakeLocks { id number slasher amountWei until isUnlocked unlockedAt pool { id } } }',
      expected: {
        stakeLocks: [
          lockEntity(1, { amountWei: '300', until: '8000', isUnlocked: true, unlockedAt: '7777' }),
          lockEntity(2, { amountWei: '200', until: '8500', isUnlocked: false, unlockedAt: null }),
        ],
      },
    },
    {
      query:
        '{ commissionChanges { pool { id } commissionPpm from } commissionWithdrawals { operator { id earnedAsOperatorWei withdrawnCommissionWei } to amountWei } }',
      expected: {
        commissionChanges: [{ pool: { id: agent }, commissionPpm: 100_000, from: '5000' }],
        commissionWithdrawals: [
          {
            operator: { id: operator, earnedAsOperatorWei: '10', withdrawnCommissionWei: '6' },
            to: bob,
            amountWei: '6',
          },
        ],
      },
    },
  ],
}

function untouched(id: string): Record<string, unknown> {
  const zeros = ['activeWei', 'thawingWei', 'activeShares', 'stakedWei', 'withdrawnWei', 'rewardedWei', 'commissionWei']
  return {
    ...Object.fromEntries(zeros.map((name) => [name, '0'])),
    ...{ id, slashedWei: '0', commissionPpm: 0, commissionFrom: '0', model: null },
  }
}

function stakeOf(pool: string, staker: string): { id: string } {
  return { id: `${pool}${staker.slice(2)}` }
}

function stakeEntity(pool: string, staker: string, differences: Record<string, unknown>): Record<string, unknown> {
  const sums = { thawedWei: '0', withdrawnWei: '0', ...differences }
  return { ...stakeOf(pool, staker), ...sums, pool: { id: pool }, staker: { id: staker } }
}

function rewardEntity(pool: string, differences: Record<string, unknown>): Record<string, unknown> {
  return { pool: { id: pool }, from: bob, operator: null, commissionWei: '0', isDiverted: false, ...differences }
}

function lockEntity(number: number, differences: Record<string, unknown>): Record<string, unknown> {
  return { id: `${agent}${int(number)}`, number: String(number), slasher, pool: { id: agent }, ...differences }
}
