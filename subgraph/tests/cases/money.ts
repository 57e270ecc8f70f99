import { address, event, placeOf, type TestCase, word } from '../test-case.ts'

const [alice, bob, node, till] = [0x901, 0x902, 0x903, 0x904].map(address) as [string, string, string, string]
const model = word('model')
const tills = (name: string, params: Record<string, unknown>) => event('Tills', name, params)
const wrapped = (name: string, params: Record<string, unknown>) => event('WrappedOpen', name, params)
const paymaster = (name: string, params: Record<string, unknown>) => event('OpenPaymaster', name, params)
const parts = ['Community', 'Ecosystem', 'Investors', 'Team', 'Liquidity']

export const money: TestCase = {
  name: 'money on its way: supply, emission, drip, tills, wrapped OPEN and gas',
  blocks: [
    {
      events: parts.map((_, part) =>
        event('Genesis', 'Allocated', {
          ...{ part, holder: alice, owner: bob, wallet: part === 4 ? address(0) : till },
          ...{ atOnceWei: part, vestingWei: 100 * (4 - part) },
        }),
      ),
    },
    {
      events: [
        event('CommunityEmission', 'Emitted', { sink: bob, amountWei: 40, allowedWei: 2 }),
        event('CommunityEmission', 'Emitted', { sink: bob, amountWei: 2, allowedWei: 0 }),
        event('RewardDrip', 'DripFunded', { from: alice, source: word('fees'), amountWei: 42 }),
        event('RewardDrip', 'DripFunded', { from: bob, source: word('stake'), amountWei: 8 }),
      ],
    },
    { events: [event('RewardDrip', 'Dripped', { amountWei: 30, waitingWei: 20 })] },
    { events: [event('RewardDrip', 'Dripped', { amountWei: 15, waitingWei: 5 })] },
    { events: [tills('TillOpened', { till, node, modelId: model }), tills('Collected', tillSum(70))] },
    { events: [tills('Collected', tillSum(30)), tills('RefundThawing', tillSum(25))] },
    { events: [tills('TakenBack', tillSum(24)), tills('Refunded', { ...tillSum(20), to: bob })] },
    { events: [alice, bob].map((signer) => tills('TillSignerSet', { node, signer, allowed: true })) },
    { events: [tills('TillSignerSet', { node, signer: bob, allowed: false })] },
    {
      events: [
        wrapped('Transfer', { from: address(0), to: alice, value: 50 }),
        wrapped('Deposit', { dst: alice, wad: 50 }),
        wrapped('Transfer', { from: alice, to: bob, value: 20 }),
        wrapped('Transfer', { from: bob, to: address(0), value: 5 }),
        wrapped('Withdrawal', { src: bob, wad: 5 }),
        wrapped('AuthorizationUsed', { authorizer: alice, nonce: word('used') }),
        wrapped('AuthorizationCanceled', { authorizer: bob, nonce: word('off') }),
      ],
    },
    { events: [event('BoundedPrice', 'PriceUpdated', { by: alice, openWei: '10000000000000000000000' })] },
    {
      events: [
        paymaster('Charged', { userOpHash: word('op'), sender: alice, costWei: 3, chargedWei: 30, refundedWei: 6 }),
        paymaster('Swept', { amountWei: 24 }),
      ],
    },
  ],
  assertions: [
    {
      query:
        '{ allocations { part holder owner wallet atOnceWei vestingWei } emissions { sink amountWei allowedWei } protocols { emittedWei dripFundedWei drippedWei waitingWei } dripFundings { from source amountWei } drips { amountWei waitingWei } }',
      expected: {
        allocations: parts.map((part, i) => ({
          ...{ part, holder: alice, owner: bob, wallet: i === 4 ? address(0) : till },
          ...{ atOnceWei: String(i), vestingWei: String(100 * (4 - i)) },
        })),
        emissions: [
          { sink: bob, amountWei: '40', allowedWei: '2' },
          { sink: bob, amountWei: '2', allowedWei: '0' },
        ],
        protocols: [{ emittedWei: '42', dripFundedWei: '50', drippedWei: '45', waitingWei: '5' }],
        dripFundings: [
          { from: alice, source: word('fees'), amountWei: '42' },
          { from: bob, source: word('stake'), amountWei: '8' },
        ],
        drips: [
          { amountWei: '30', waitingWei: '20' },
          { amountWei: '15', waitingWei: '5' },
        ],
      },
    },
    {
      query:
        '{ tills { id isOpen collectedWei takenBackWei refundedWei node { id } model { id } events { kind amountWei to } } tillSigners { id node { id } signer allowed } }',
      expected: {
        tills: [
          {
            ...{ id: till, isOpen: true, collectedWei: '100', takenBackWei: '24', refundedWei: '20' },
            ...{ node: { id: node }, model: null },
            events: [
              { kind: 'Opened', amountWei: null, to: null },
              { kind: 'Collected', amountWei: '70', to: null },
              { kind: 'Collected', amountWei: '30', to: null },
              { kind: 'Thawing', amountWei: '25', to: null },
              { kind: 'TakenBack', amountWei: '24', to: null },
              { kind: 'Refunded', amountWei: '20', to: bob },
            ],
          },
        ],
        tillSigners: [
          { id: `${node}${alice.slice(2)}`, node: { id: node }, signer: alice, allowed: true },
          { id: `${node}${bob.slice(2)}`, node: { id: node }, signer: bob, allowed: false },
        ],
      },
    },
    {
      query:
        '{ wrappedHolders { id balanceWei wrappedWei unwrappedWei } wrappings { holder { id } amountWei } tokenTransfers { token { id name } from to amountWei } authorizations { token { name } authorizer nonce isUsed } }',
      expected: {
        wrappedHolders: [
          { id: alice, balanceWei: '30', wrappedWei: '50', unwrappedWei: '0' },
          { id: bob, balanceWei: '15', wrappedWei: '0', unwrappedWei: '5' },
        ],
        wrappings: [
          { holder: { id: alice }, amountWei: '50' },
          { holder: { id: bob }, amountWei: '-5' },
        ],
        tokenTransfers: [transfer(address(0), alice, '50'), transfer(alice, bob, '20'), transfer(bob, address(0), '5')],
        authorizations: [
          { token: { name: 'WrappedOpen' }, authorizer: alice, nonce: word('used'), isUsed: true },
          { token: { name: 'WrappedOpen' }, authorizer: bob, nonce: word('off'), isUsed: false },
        ],
      },
    },
    {
      query:
        '{ priceUpdates { by openWei } gasCharges { userOpHash sender { id } costWei chargedWei refundedWei } gasSweeps { amountWei } }',
      expected: {
        priceUpdates: [{ by: alice, openWei: '10000000000000000000000' }],
        gasCharges: [
          { userOpHash: word('op'), sender: { id: alice }, costWei: '3', chargedWei: '30', refundedWei: '6' },
        ],
        gasSweeps: [{ amountWei: '24' }],
      },
    },
  ],
}

function tillSum(amountWei: number): Record<string, unknown> {
  return { till, node, modelId: model, amountWei }
}

function transfer(from: string, to: string, amountWei: string): Record<string, unknown> {
  return { token: { id: placeOf('WrappedOpen'), name: 'WrappedOpen' }, from, to, amountWei }
}
