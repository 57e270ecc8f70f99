import type { Excuses } from './negative-tests.ts'

/** What has no negative test, and why it needs none. An excuse that is not needed any more fails the check. */
export const EXCUSES: Excuses = {
  'renounceOwnership()':
    'OpenZeppelin’s Ownable, unchanged: its one check is the one that every onlyOwner function is tested for',
  'approve(address,uint256)': 'OpenZeppelin’s ERC20, unchanged: it refuses only the zero address',
  'setApprovalForAll(address,bool)': 'OpenZeppelin’s ERC721, unchanged: it refuses only the zero address',
  'safeTransferFrom(address,address,uint256)':
    'OpenZeppelin’s ERC721, unchanged: transferFrom’s checks, which are tested',
  'safeTransferFrom(address,address,uint256,bytes)': 'OpenZeppelin’s ERC721, unchanged, as above',
  'castVote(uint256,uint8)': 'OpenZeppelin’s Governor, unchanged',
  'castVoteWithReason(uint256,uint8,string)': 'OpenZeppelin’s Governor, unchanged',
  'castVoteWithReasonAndParams(uint256,uint8,string,bytes)': 'OpenZeppelin’s Governor, unchanged',
  'castVoteBySig(uint256,uint8,address,bytes)': 'OpenZeppelin’s Governor, unchanged',
  'castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)': 'OpenZeppelin’s Governor, unchanged',
  'relay(address,uint256,bytes)': 'OpenZeppelin’s Governor, unchanged: for governance alone',
  'onERC721Received(address,address,uint256,bytes)': 'OpenZeppelin’s receiver, which moves nothing',
  'onERC1155Received(address,address,uint256,uint256,bytes)': 'OpenZeppelin’s receiver, which moves nothing',
  'onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)': 'OpenZeppelin’s receiver, which moves nothing',
  'scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)':
    'OpenZeppelin’s TimelockController, unchanged: roles are tested',
  'execute(address,uint256,bytes,bytes32,bytes32)': 'OpenZeppelin’s TimelockController, unchanged: roles are tested',
  'executeBatch(address[],uint256[],bytes[],bytes32,bytes32)':
    'OpenZeppelin’s TimelockController, unchanged: roles are tested',
  'revokeRole(bytes32,address)': 'OpenZeppelin’s AccessControl, unchanged: roles are tested',
  'renounceRole(bytes32,address)': 'OpenZeppelin’s AccessControl, unchanged: roles are tested',
  'delegate(address)': 'OpenZeppelin’s Votes, unchanged: it refuses nobody',
  'release()': 'OpenZeppelin’s VestingWallet, unchanged: it pays what is due, be it nothing',
  'release(address)': 'OpenZeppelin’s VestingWallet, unchanged, as above',
  'deposit()': 'The EntryPoint’s deposit, from its package: it takes any amount from anybody',
  'acceptOwnership()': 'OpenZeppelin’s Ownable2Step, unchanged',
  'WrappedOpen.deposit()': 'It takes any amount from anybody',
  DistributorNoMoreIds: 'It would take 4,294,967,295 registrations',
}
