// Generated from contracts/ by `npm run generate`. Do not edit.
export const GenesisAbi = [
  { inputs: [{ name: 'founder', type: 'address' }], stateMutability: 'nonpayable', type: 'constructor' },
  { inputs: [], name: 'GenesisDone', type: 'error' },
  { inputs: [{ name: 'part', type: 'uint8' }], name: 'GenesisHolderMissing', type: 'error' },
  { inputs: [{ name: 'sender', type: 'address' }], name: 'GenesisNotFounder', type: 'error' },
  { inputs: [{ name: 'token', type: 'address' }], name: 'SafeERC20FailedOperation', type: 'error' },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'part', type: 'uint8' },
      { indexed: true, name: 'holder', type: 'address' },
      { indexed: true, name: 'owner', type: 'address' },
      { indexed: false, name: 'wallet', type: 'address' },
      { indexed: false, name: 'atOnceWei', type: 'uint256' },
      { indexed: false, name: 'vestingWei', type: 'uint256' },
    ],
    name: 'Allocated',
    type: 'event',
  },
  { inputs: [], name: 'FOUNDER', outputs: [{ name: '', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'TOKEN', outputs: [{ name: '', type: 'address' }], stateMutability: 'view', type: 'function' },
  {
    inputs: [
      {
        components: [
          { name: 'community', type: 'address' },
          { name: 'communityAtOnce', type: 'address' },
          { name: 'ecosystem', type: 'address' },
          { name: 'investors', type: 'address' },
          { name: 'team', type: 'address' },
          { name: 'liquidity', type: 'address' },
        ],
        name: 'holders',
        type: 'tuple',
      },
    ],
    name: 'distribute',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  { inputs: [], name: 'isDone', outputs: [{ name: '', type: 'bool' }], stateMutability: 'view', type: 'function' },
  {
    inputs: [{ name: 'part', type: 'uint8' }],
    name: 'walletOf',
    outputs: [{ name: '', type: 'address' }],
    stateMutability: 'view',
    type: 'function',
  },
] as const
