// Generated from contracts/ by `npm run generate`. Do not edit.
export const BoundedPriceAbi = [
  {
    inputs: [
      { name: 'governance', type: 'address' },
      { name: 'keeper_', type: 'address' },
      { name: 'hardMinWei', type: 'uint256' },
      { name: 'hardMaxWei', type: 'uint256' },
      { name: 'openWei', type: 'uint256' },
      {
        components: [
          { name: 'minWei', type: 'uint128' },
          { name: 'maxWei', type: 'uint128' },
          { name: 'maxChangePpm', type: 'uint32' },
          { name: 'minIntervalSeconds', type: 'uint32' },
        ],
        name: 'bounds_',
        type: 'tuple',
      },
    ],
    stateMutability: 'nonpayable',
    type: 'constructor',
  },
  { inputs: [{ name: 'owner', type: 'address' }], name: 'OwnableInvalidOwner', type: 'error' },
  { inputs: [{ name: 'account', type: 'address' }], name: 'OwnableUnauthorizedAccount', type: 'error' },
  {
    inputs: [
      {
        components: [
          { name: 'minWei', type: 'uint128' },
          { name: 'maxWei', type: 'uint128' },
          { name: 'maxChangePpm', type: 'uint32' },
          { name: 'minIntervalSeconds', type: 'uint32' },
        ],
        name: 'bounds',
        type: 'tuple',
      },
    ],
    name: 'PriceBadBounds',
    type: 'error',
  },
  {
    inputs: [
      { name: 'openWei', type: 'uint256' },
      { name: 'previousWei', type: 'uint256' },
      { name: 'maxChangeWei', type: 'uint256' },
    ],
    name: 'PriceChangedTooMuch',
    type: 'error',
  },
  { inputs: [{ name: 'sender', type: 'address' }], name: 'PriceNotKeeper', type: 'error' },
  {
    inputs: [
      { name: 'openWei', type: 'uint256' },
      { name: 'minWei', type: 'uint256' },
      { name: 'maxWei', type: 'uint256' },
    ],
    name: 'PriceOutOfBounds',
    type: 'error',
  },
  {
    inputs: [
      { name: 'time', type: 'uint256' },
      { name: 'from', type: 'uint256' },
    ],
    name: 'PriceTooSoon',
    type: 'error',
  },
  {
    inputs: [
      { name: 'bits', type: 'uint8' },
      { name: 'value', type: 'uint256' },
    ],
    name: 'SafeCastOverflowedUintDowncast',
    type: 'error',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: false, name: 'minWei', type: 'uint128' },
      { indexed: false, name: 'maxWei', type: 'uint128' },
      { indexed: false, name: 'maxChangePpm', type: 'uint32' },
      { indexed: false, name: 'minIntervalSeconds', type: 'uint32' },
    ],
    name: 'BoundsSet',
    type: 'event',
  },
  { anonymous: false, inputs: [{ indexed: true, name: 'keeper', type: 'address' }], name: 'KeeperSet', type: 'event' },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'previousOwner', type: 'address' },
      { indexed: true, name: 'newOwner', type: 'address' },
    ],
    name: 'OwnershipTransferred',
    type: 'event',
  },
  {
    anonymous: false,
    inputs: [
      { indexed: true, name: 'by', type: 'address' },
      { indexed: false, name: 'openWei', type: 'uint256' },
    ],
    name: 'PriceUpdated',
    type: 'event',
  },
  {
    inputs: [],
    name: 'HARD_MAX_WEI',
    outputs: [{ name: '', type: 'uint256' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'HARD_MIN_WEI',
    outputs: [{ name: '', type: 'uint256' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'MAX_CHANGE_PPM',
    outputs: [{ name: '', type: 'uint32' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'MIN_INTERVAL_SECONDS',
    outputs: [{ name: '', type: 'uint32' }],
    stateMutability: 'view',
    type: 'function',
  },
  {
    inputs: [],
    name: 'bounds',
    outputs: [
      {
        components: [
          { name: 'minWei', type: 'uint128' },
          { name: 'maxWei', type: 'uint128' },
          { name: 'maxChangePpm', type: 'uint32' },
          { name: 'minIntervalSeconds', type: 'uint32' },
        ],
        name: '',
        type: 'tuple',
      },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  { inputs: [], name: 'keeper', outputs: [{ name: '', type: 'address' }], stateMutability: 'view', type: 'function' },
  { inputs: [], name: 'owner', outputs: [{ name: '', type: 'address' }], stateMutability: 'view', type: 'function' },
  {
    inputs: [],
    name: 'price',
    outputs: [
      { name: 'openWei', type: 'uint256' },
      { name: 'updatedAt', type: 'uint64' },
    ],
    stateMutability: 'view',
    type: 'function',
  },
  { inputs: [], name: 'renounceOwnership', outputs: [], stateMutability: 'nonpayable', type: 'function' },
  {
    inputs: [{ name: 'openWei', type: 'uint256' }],
    name: 'reset',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [
      {
        components: [
          { name: 'minWei', type: 'uint128' },
          { name: 'maxWei', type: 'uint128' },
          { name: 'maxChangePpm', type: 'uint32' },
          { name: 'minIntervalSeconds', type: 'uint32' },
        ],
        name: 'bounds_',
        type: 'tuple',
      },
    ],
    name: 'setBounds',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ name: 'keeper_', type: 'address' }],
    name: 'setKeeper',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ name: 'newOwner', type: 'address' }],
    name: 'transferOwnership',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
  {
    inputs: [{ name: 'openWei', type: 'uint256' }],
    name: 'update',
    outputs: [],
    stateMutability: 'nonpayable',
    type: 'function',
  },
] as const
