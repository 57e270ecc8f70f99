// Generated from contracts/ by `npm run generate`. Do not edit.
export const TillsAbi = [
  {
    inputs: [
      { name: 'escrow', type: 'address' },
      { name: 'token', type: 'address' },
    ],
    stateMutability: 'nonpayable',
    type: 'constructor',
  },
  { inputs: [], name: 'CloneArgumentsTooLong', type: 'error' },
  { inputs: [], name: 'Create2EmptyBytecode', type: 'error' },
  { inputs: [], name: 'FailedDeployment', type: 'error' },
  {
    inputs: [
      { name: 'balance', type: 'uint256' },
      { name: 'needed', type: 'uint256' },
    ],
    name: 'InsufficientBalance',
    type: 'error',
  },
  { inputs: [], name: 'TillsZeroAddress', type: 'error' },
  { inputs: [], name: 'TillsZeroAmount', type: 'error' },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'till', type: 'address' },
      { indexed: true, name: 'node', type: 'address' },
      { indexed: true, name: 'modelId', type: 'bytes32' },
      { indexed: false, name: 'amountWei', type: 'uint256' },
    ],
    name: 'Collected',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'till', type: 'address' },
      { indexed: true, name: 'node', type: 'address' },
      { indexed: true, name: 'modelId', type: 'bytes32' },
      { indexed: false, name: 'amountWei', type: 'uint256' },
    ],
    name: 'RefundThawing',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'till', type: 'address' },
      { indexed: true, name: 'node', type: 'address' },
      { indexed: true, name: 'to', type: 'address' },
      { indexed: false, name: 'modelId', type: 'bytes32' },
      { indexed: false, name: 'amountWei', type: 'uint256' },
    ],
    name: 'Refunded',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'till', type: 'address' },
      { indexed: true, name: 'node', type: 'address' },
      { indexed: true, name: 'modelId', type: 'bytes32' },
      { indexed: false, name: 'amountWei', type: 'uint256' },
    ],
    name: 'TakenBack',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'till', type: 'address' },
      { indexed: true, name: 'node', type: 'address' },
      { indexed: true, name: 'modelId', type: 'bytes32' },
    ],
    name: 'TillOpened',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'node', type: 'address' },
      { indexed: true, name: 'signer', type: 'address' },
      { indexed: false, name: 'allowed', type: 'bool' },
    ],
    name: 'TillSignerSet',
    type: 'event',
  },
  {
    inputs: [],
    name: 'IMPLEMENTATION',
    outputs: [{ name: '', type: 'address' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { name: 'node', type: 'address' },
      { name: 'modelId', type: 'bytes32' },
    ],
    name: 'collect',
    outputs: [{ name: 'amountWei', type: 'uint256' }],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { name: 'node', type: 'address' },
      { name: 'signer', type: 'address' },
    ],
    name: 'isSigner',
    outputs: [{ name: '', type: 'bool' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [
      { name: 'node', type: 'address' },
      { name: 'modelId', type: 'bytes32' },
    ],
    name: 'open',
    outputs: [{ name: 'till', type: 'address' }],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { name: 'modelId', type: 'bytes32' },
      { name: 'to', type: 'address' },
      { name: 'amountWei', type: 'uint256' },
    ],
    name: 'refund',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { name: 'signer', type: 'address' },
      { name: 'allowed', type: 'bool' },
    ],
    name: 'setSigner',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ name: 'modelId', type: 'bytes32' }],
    name: 'takeBack',
    outputs: [{ name: 'amountWei', type: 'uint256' }],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { name: 'modelId', type: 'bytes32' },
      { name: 'amountWei', type: 'uint128' },
    ],
    name: 'thaw',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      { name: 'node', type: 'address' },
      { name: 'modelId', type: 'bytes32' },
    ],
    name: 'tillOf',
    outputs: [{ name: 'till', type: 'address' }],
    stateMutability: 'view',
    type: 'function',
  },
] as const
