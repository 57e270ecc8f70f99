import type { Excuses } from './negative-tests.ts'

/** What has no negative test, and why it needs none. An excuse that is not needed any more fails the check. */
export const EXCUSES: Excuses = {
  'renounceOwnership()':
    'OpenZeppelin’s Ownable, unchanged: its one check is the one that every onlyOwner function is tested for',
  'transferOwnership(address)': 'OpenZeppelin’s Ownable, unchanged, as above',
  'approve(address,uint256)': 'OpenZeppelin’s ERC20, unchanged: it refuses only the zero address',
}
