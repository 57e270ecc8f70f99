import { cidOfDigest } from '@openledger/protocol'
import { concat, toBeHex } from 'ethers'
import { address, event, int, type TestCase, word, wordOf } from '../test-case.ts'

const [proposer, challenger, alice, wallet] = [address(0x201), address(0x202), address(0x203), address(0x204)]
const court = (name: string, params: Record<string, unknown>, tx?: string) => event('RootCourt', name, params, tx)
const vault = (name: string, params: Record<string, unknown>, tx?: string) =>
  event('RewardDistributor', name, params, tx)

/** Key and sum, as a leaf of the tree holds them. */
function rewardWord(key: bigint | number | string, sumWei: bigint | number): string {
  return toBeHex((BigInt(key) << 96n) | BigInt(sumWei), 32)
}

/** The vault speaks first: it knows roots, not epochs. */
const proposed = (epoch: number, parent: number, totalWei: number) => [
  vault('RootScheduled', { root: word(`root ${epoch}`), opensAt: 1_000 + epoch }),
  court('RootProposed', {
    epoch,
    root: word(`root ${epoch}`),
    proposer,
    dataDigest: word(`data ${epoch}`),
    engineHash: word('engine'),
    totalWei,
    toBlock: 10 * epoch,
    blockHash: word('block'),
    opensAt: 1_000 + epoch,
    parent,
  }),
]
const challenged = (epoch: number) => [
  vault('RootFrozen', { root: word(`root ${epoch}`) }),
  court('RootChallenged', { epoch, root: word(`root ${epoch}`), challenger, reasonHash: word('reason') }),
]
const resolved = (epoch: number, winner: string, upheld: boolean) =>
  court('RootResolved', { epoch, root: word(`root ${epoch}`), winner, upheld, paidWei: 50 })

export const rewards: TestCase = {
  name: 'a root is proposed, disputed and claimed, and the epoch shows what the vault decided',
  blocks: [
    {
      events: [
        court('ProposerSet', { proposer, allowed: true }),
        court('ProposerSet', { proposer: challenger, allowed: true }),
      ],
    },
    { events: [court('ProposerSet', { proposer: challenger, allowed: false })] },
    { events: proposed(1, 0, 500) },
    { events: [court('BondReleased', { epoch: 1, proposer, amountWei: 100 })] },
    { events: proposed(2, 1, 700) },
    { events: challenged(2) },
    // The challenge was wrong: the root gets another window.
    { events: [resolved(2, proposer, false), vault('RootScheduled', { root: word('root 2'), opensAt: 5_000 })] },
    { events: proposed(3, 2, 900) },
    {
      events: [
        court('FaultProven', { epoch: 3, account: alice, prover: challenger, kind: 4 }),
        vault('RootFrozen', { root: word('root 3') }),
        resolved(3, challenger, true),
      ],
    },
    { events: proposed(4, 2, 900) },
    { events: challenged(4) },
    { events: [court('RootExpired', { epoch: 4, root: word('root 4') })] },
    {
      events: [
        vault('Funded', { from: wallet, source: word('sweep'), amountWei: 400, fundedWei: 400 }),
        vault('Funded', { from: wallet, source: word('slash'), amountWei: 500, fundedWei: 900 }),
      ],
    },
    {
      events: [
        vault('RecipientSet', { account: alice, recipient: wallet }),
        vault('RecipientSet', { account: proposer, recipient: wallet }),
      ],
    },
    { events: [vault('RecipientSet', { account: proposer, recipient: address(0) })] },
    { events: proposed(5, 2, 900) },
    {
      events: [
        court('Tallied', { epoch: 5, teller: wallet, nextPosition: 8, sumWei: 450 }),
        court('RootCancelled', { epoch: 5, root: word('root 5'), by: wallet }),
        vault('RootFrozen', { root: word('root 5') }),
      ],
    },
    // Credited before anybody took it, then more and less; what is an address, a sentinel or no id at all is nobody's.
    {
      events: [
        vault('SubtreeCredited', {
          root: word('root 2'),
          index: 3,
          words: [rewardWord(0, 2), rewardWord(1, 70), rewardWord(2, 2n ** 96n - 1n), rewardWord(2n ** 159n, 5)],
        }),
      ],
    },
    {
      events: [
        vault('Registered', { id: 1, account: alice }),
        vault('Registered', { id: 3, account: challenger }),
        vault('SubtreeCredited', { root: word('root 1'), index: 0, words: [rewardWord(1, 69)] }),
        vault('SubtreeCredited', {
          root: word('root 2'),
          index: 7,
          words: [rewardWord(1, 71), rewardWord(2n ** 32n, 1)],
        }),
      ],
    },
    { events: [vault('Claimed', { account: alice, to: wallet, amountWei: 200, cumulativeWei: 200 })] },
    { events: [vault('Claimed', { account: alice, to: wallet, amountWei: 50, cumulativeWei: 250 })] },
  ],
  assertions: [
    {
      query:
        '{ rewardRoots(orderBy: epoch) { id epoch root proposer { id } dataDigest dataCid totalWei toBlock parent status opensAt isFrozen isBondReleased } }',
      expected: {
        rewardRoots: [
          rootEntity(1, { status: 'Proposed', opensAt: '1001', isBondReleased: true, totalWei: '500', parent: 0 }),
          rootEntity(2, { status: 'Proposed', opensAt: '5000', totalWei: '700', parent: 1 }),
          rootEntity(3, { status: 'Rejected', opensAt: '1003', isFrozen: true, totalWei: '900', parent: 2 }),
          rootEntity(4, { status: 'Rejected', opensAt: '1004', isFrozen: true, totalWei: '900', parent: 2 }),
          rootEntity(5, {
            ...{
              status: 'Rejected',
              opensAt: '1005',
              isFrozen: true,
              isBondReleased: true,
              totalWei: '900',
              parent: 2,
            },
          }),
        ],
      },
    },
    {
      query:
        '{ rootEvents(where: { rewardRoot_: { epoch: 3 } }) { kind actor faultAccount faultKind isUpheld paidWei reasonHash } }',
      expected: {
        rootEvents: [
          {
            kind: 'Proposed',
            actor: proposer,
            faultAccount: null,
            faultKind: null,
            isUpheld: null,
            paidWei: null,
            reasonHash: null,
          },
          {
            kind: 'FaultProven',
            actor: challenger,
            faultAccount: alice,
            faultKind: 4,
            isUpheld: null,
            paidWei: null,
            reasonHash: null,
          },
          {
            kind: 'Resolved',
            actor: challenger,
            faultAccount: null,
            faultKind: null,
            isUpheld: true,
            paidWei: '50',
            reasonHash: null,
          },
        ],
      },
    },
    {
      query: `{ rootEvents(where: { or: [{ kind: Cancelled }, { rewardRoot: "0x${int(2)}", kind: Resolved }] }) { kind actor isUpheld paidWei rewardRoot { epoch } }
        rootTallies { rewardRoot { epoch } teller nextPosition sumWei } }`,
      expected: {
        rootEvents: [
          { kind: 'Resolved', actor: proposer, isUpheld: false, paidWei: '50', rewardRoot: { epoch: 2 } },
          { kind: 'Cancelled', actor: wallet, isUpheld: null, paidWei: null, rewardRoot: { epoch: 5 } },
        ],
        rootTallies: [{ rewardRoot: { epoch: 5 }, teller: wallet, nextPosition: '8', sumWei: '450' }],
      },
    },
    {
      query: '{ rewardIds { id number account { id } creditedWei } subtreeCredits { root index wordCount words } }',
      expected: {
        rewardIds: [
          { id: wordOf(1), number: '1', account: { id: alice }, creditedWei: '71' },
          { id: wordOf(2), number: '2', account: null, creditedWei: (2n ** 96n - 1n).toString() },
          { id: wordOf(3), number: '3', account: { id: challenger }, creditedWei: '0' },
        ],
        subtreeCredits: [
          {
            ...{ root: word('root 2'), index: '3', wordCount: 4 },
            words: concat([
              rewardWord(0, 2),
              rewardWord(1, 70),
              rewardWord(2, 2n ** 96n - 1n),
              rewardWord(2n ** 159n, 5),
            ]),
          },
          { root: word('root 1'), index: '0', wordCount: 1, words: rewardWord(1, 69) },
          {
            ...{ root: word('root 2'), index: '7', wordCount: 2 },
            words: concat([rewardWord(1, 71), rewardWord(2n ** 32n, 1)]),
          },
        ],
      },
    },
    {
      query:
        '{ rootEvents(where: { kind_in: [Challenged, Expired, BondReleased] }) { kind actor reasonHash paidWei rewardRoot { epoch } } }',
      expected: {
        rootEvents: [
          { kind: 'BondReleased', actor: proposer, reasonHash: null, paidWei: '100', rewardRoot: { epoch: 1 } },
          {
            kind: 'Challenged',
            actor: challenger,
            reasonHash: word('reason'),
            paidWei: null,
            rewardRoot: { epoch: 2 },
          },
          {
            kind: 'Challenged',
            actor: challenger,
            reasonHash: word('reason'),
            paidWei: null,
            rewardRoot: { epoch: 4 },
          },
          { kind: 'Expired', actor: null, reasonHash: null, paidWei: null, rewardRoot: { epoch: 4 } },
        ],
      },
    },
    {
      query:
        '{ accounts { id isProposer recipient claimedWei claims { amountWei cumulativeWei to } } protocols { fundedWei claimedWei } fundings { amountWei fundedWei from source } }',
      expected: {
        accounts: [
          { id: proposer, isProposer: true, recipient: null, claimedWei: '0', claims: [] },
          { id: challenger, isProposer: false, recipient: null, claimedWei: '0', claims: [] },
          {
            id: alice,
            isProposer: false,
            recipient: wallet,
            claimedWei: '250',
            claims: [
              { amountWei: '200', cumulativeWei: '200', to: wallet },
              { amountWei: '50', cumulativeWei: '250', to: wallet },
            ],
          },
        ],
        protocols: [{ fundedWei: '900', claimedWei: '250' }],
        fundings: [
          { amountWei: '400', fundedWei: '400', from: wallet, source: word('sweep') },
          { amountWei: '500', fundedWei: '900', from: wallet, source: word('slash') },
        ],
      },
    },
  ],
}

function rootEntity(epoch: number, differences: Record<string, unknown>): Record<string, unknown> {
  return {
    id: `0x${int(epoch)}`,
    epoch,
    root: word(`root ${epoch}`),
    proposer: { id: proposer },
    dataDigest: word(`data ${epoch}`),
    dataCid: cidOfDigest(word(`data ${epoch}`)),
    toBlock: String(10 * epoch),
    isFrozen: false,
    isBondReleased: false,
    ...differences,
  }
}
