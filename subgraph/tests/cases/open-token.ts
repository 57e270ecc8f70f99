import { address, event, placeOf, type TestCase, word } from '../test-case.ts'

const [nobody, alice, bob] = [address(0), address(0xa11ce), address(0xb0b)]
const transfer = (from: string, to: string, value: string) => event('OpenToken', 'Transfer', { from, to, value })

export const openToken: TestCase = {
  name: 'transfers move balances, and the zero address is nobody',
  blocks: [
    { events: [transfer(nobody, alice, '1000000000000000000000000000')] },
    { events: [transfer(alice, bob, '400'), transfer(bob, alice, '150'), transfer(bob, nobody, '50')] },
    { events: [transfer(alice, alice, '7')] },
    {
      events: [
        event('OpenToken', 'AuthorizationUsed', { authorizer: alice, nonce: word('used') }),
        event('OpenToken', 'AuthorizationCanceled', { authorizer: bob, nonce: word('off') }),
      ],
    },
  ],
  assertions: [
    {
      query: '{ accounts { id balanceWei receivedWei sentWei } }',
      expected: {
        accounts: [
          {
            id: alice,
            balanceWei: '999999999999999999999999750',
            receivedWei: '1000000000000000000000000157',
            sentWei: '407',
          },
          { id: bob, balanceWei: '200', receivedWei: '400', sentWei: '200' },
        ],
      },
    },
    {
      query:
        '{ tokenTransfers { token { id name } from to amountWei } authorizations { token { name } authorizer nonce isUsed } }',
      expected: {
        tokenTransfers: [
          moved(nobody, alice, '1000000000000000000000000000'),
          moved(alice, bob, '400'),
          moved(bob, alice, '150'),
          moved(bob, nobody, '50'),
          moved(alice, alice, '7'),
        ],
        authorizations: [
          { token: { name: 'OpenToken' }, authorizer: alice, nonce: word('used'), isUsed: true },
          { token: { name: 'OpenToken' }, authorizer: bob, nonce: word('off'), isUsed: false },
        ],
      },
    },
  ],
}

function moved(from: string, to: string, amountWei: string): Record<string, unknown> {
  return { token: { id: placeOf('OpenToken'), name: 'OpenToken' }, from, to, amountWei }
}
