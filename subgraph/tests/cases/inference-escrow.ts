import { cidOfDigest, digestOfCid } from '@openledger/protocol'
import { address, event, file, int, type TestCase, word } from '../test-case.ts'

const [payer, friend, node, signer] = [address(0x101), address(0x102), address(0x103), address(0x106)]
const [base, adapter] = [word('base'), word('adapter')]
const receipts = file('{}')
const escrow = (name: string, params: Record<string, unknown>) => event('InferenceEscrow', name, params)

const settled = (modelId: string, amountWei: number, contributorsWei: number) =>
  escrow('Settled', { payer, node, modelId, batch: 1, amountWei, contributorsWei })

const divided = (modelId: string, parts: [number, number, number, number, number, number]) =>
  escrow('Divided', {
    batch: 1,
    modelId,
    amountWei: parts.reduce((sum, part) => sum + part, 0),
    protocolWei: parts[0],
    nodeWei: parts[1],
    baseOwnerWei: parts[2],
    adapterOwnerWei: parts[3],
    stakersWei: parts[4],
    contributorsWei: parts[5],
  })

/** Owners' earnings need models, see `live.ts`. */
export const inferenceEscrow: TestCase = {
  name: 'money in the escrow is counted once at each of its stages',
  files: [receipts],
  blocks: [
    {
      events: [
        escrow('RatesChanged', {
          protocolPpm: 50_000,
          nodePpm: 350_000,
          baseOwnerPpm: 50_000,
          adapterOwnerPpm: 100_000,
          stakersPpm: 50_000,
        }),
      ],
    },
    {
      events: [
        escrow('Deposited', { payer, from: payer, amountWei: 1_000 }),
        escrow('Deposited', { payer, from: friend, amountWei: 500 }),
      ],
    },
    {
      events: [
        escrow('SignerSet', { payer, signer, allowed: true }),
        escrow('SignerSet', { payer, signer: friend, allowed: true }),
      ],
    },
    {
      events: [
        escrow('SignerSet', { payer, signer: friend, allowed: false }),
        escrow('Thawing', { payer, amountWei: 300, until: 1_700_000_000 }),
      ],
    },
    {
      events: [
        escrow('ReceiptsAnchored', {
          node,
          batch: 1,
          receiptsRoot: word('root'),
          receiptsDigest: digestOfCid(receipts.cid),
          receiptCount: 3,
          firstSequence: '18446744073709551613',
          lastReceiptHash: word('last'),
          totalWei: 300,
        }),
        settled(adapter, 150, 60),
        settled(adapter, 50, 20),
        divided(adapter, [10, 70, 10, 20, 10, 80]),
        settled(base, 100, 55),
        divided(base, [5, 35, 5, 0, 0, 55]),
      ],
    },
    { events: [escrow('Withdrawn', { payer, to: friend, amountWei: 300 })] },
    {
      events: [
        escrow('EarningsWithdrawn', { account: node, to: friend, amountWei: 105 }),
        escrow('Swept', { amountWei: 135 }),
        escrow('StakersPaid', { poolId: adapter, amountWei: 10, staked: true }),
      ],
    },
    {},
    {},
  ],
  assertions: [
    {
      query: `{ escrowAccount(id: "${payer}") { balanceWei depositedWei settledWei withdrawnWei thaws { amountWei thawsAt } signers { id signer allowed } channels { id settledWei settlementCount } } }`,
      expected: {
        escrowAccount: {
          balanceWei: '900',
          depositedWei: '1500',
          settledWei: '300',
          withdrawnWei: '300',
          thaws: [{ amountWei: '300', thawsAt: '1700000000' }],
          signers: [
            { id: `${payer}${signer.slice(2)}`, signer, allowed: true },
            { id: `${payer}${friend.slice(2)}`, signer: friend, allowed: false },
          ],
          channels: [
            { id: `${payer}${node.slice(2)}${adapter.slice(2)}`, settledWei: '200', settlementCount: 2 },
            { id: `${payer}${node.slice(2)}${base.slice(2)}`, settledWei: '100', settlementCount: 1 },
          ],
        },
      },
    },
    {
      query:
        '{ escrowMovements { counterparty amountWei } earningsWithdrawals { account { id } to amountWei } sweeps { amountWei } stakersPayments { poolId amountWei staked } rateChanges { nodePpm stakersPpm } }',
      expected: {
        escrowMovements: [
          { counterparty: payer, amountWei: '1000' },
          { counterparty: friend, amountWei: '500' },
          { counterparty: friend, amountWei: '-300' },
        ],
        earningsWithdrawals: [{ account: { id: node }, to: friend, amountWei: '105' }],
        sweeps: [{ amountWei: '135' }],
        stakersPayments: [{ poolId: adapter, amountWei: '10', staked: true }],
        rateChanges: [{ nodePpm: 350_000, stakersPpm: 50_000 }],
      },
    },
    {
      query:
        '{ receiptBatches { id number node { id } receiptsDigest receiptsCid receiptCount firstSequence lastReceiptHash totalWei settlements { amountWei cumulativeWei contributorsWei } divisions { amountWei protocolWei nodeWei baseOwnerWei adapterOwnerWei stakersWei contributorsWei } } }',
      expected: {
        receiptBatches: [
          {
            id: `0x${int(1)}`,
            number: '1',
            node: { id: node },
            receiptsDigest: digestOfCid(receipts.cid),
            receiptsCid: cidOfDigest(digestOfCid(receipts.cid)),
            receiptCount: '3',
            firstSequence: '18446744073709551613',
            lastReceiptHash: word('last'),
            totalWei: '300',
            settlements: [
              { amountWei: '150', cumulativeWei: '150', contributorsWei: '60' },
              { amountWei: '50', cumulativeWei: '200', contributorsWei: '20' },
              { amountWei: '100', cumulativeWei: '100', contributorsWei: '55' },
            ],
            divisions: [
              {
                ...{ amountWei: '200', protocolWei: '10', nodeWei: '70', baseOwnerWei: '10' },
                ...{ adapterOwnerWei: '20', stakersWei: '10', contributorsWei: '80' },
              },
              {
                ...{ amountWei: '100', protocolWei: '5', nodeWei: '35', baseOwnerWei: '5' },
                ...{ adapterOwnerWei: '0', stakersWei: '0', contributorsWei: '55' },
              },
            ],
          },
        ],
      },
    },
    {
      query: '{ accounts { id earnedAsNodeWei earnedAsOwnerWei withdrawnEarningsWei } }',
      expected: {
        accounts: [{ id: node, earnedAsNodeWei: '105', earnedAsOwnerWei: '0', withdrawnEarningsWei: '105' }],
      },
    },
    {
      query:
        '{ protocols { protocolPpm nodePpm baseOwnerPpm adapterOwnerPpm stakersPpm settlementCount receiptCount depositedWei settledWei protocolWei nodeWei baseOwnerWei adapterOwnerWei stakersWei contributorsWei sweptWei } }',
      expected: {
        protocols: [
          {
            protocolPpm: 50_000,
            nodePpm: 350_000,
            baseOwnerPpm: 50_000,
            adapterOwnerPpm: 100_000,
            stakersPpm: 50_000,
            settlementCount: 3,
            receiptCount: '3',
            depositedWei: '1500',
            settledWei: '300',
            protocolWei: '15',
            nodeWei: '105',
            baseOwnerWei: '15',
            adapterOwnerWei: '20',
            stakersWei: '10',
            contributorsWei: '135',
            sweptWei: '135',
          },
        ],
      },
    },
  ],
}
