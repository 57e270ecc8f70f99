/** The pages in the order of the flow: data → models → answers → money → rules → machine. */
export const NAVIGATION = [
  {
    group: 'Flow',
    pages: [
      { to: '/', name: 'Overview', icon: 'overview' },
      { to: '/datanets', name: 'Datanets', icon: 'datanets' },
      { to: '/models', name: 'Models', icon: 'models' },
      { to: '/playground', name: 'Playground', icon: 'playground' },
      { to: '/attribution', name: 'Attribution', icon: 'attribution' },
      { to: '/rewards', name: 'Rewards', icon: 'rewards' },
    ],
  },
  {
    group: 'Network',
    pages: [
      { to: '/staking', name: 'Agents and staking', icon: 'agents' },
      { to: '/governance', name: 'Governance', icon: 'governance' },
      { to: '/token', name: 'Token', icon: 'token' },
      { to: '/node', name: 'Node', icon: 'node' },
      { to: '/explorer', name: 'Explorer', icon: 'explorer' },
    ],
  },
] as const satisfies readonly { group: string; pages: readonly { to: string; name: string; icon: IconName }[] }[]

/** Names of the paths in components/icon.tsx. */
export type IconName =
  | 'overview'
  | 'datanets'
  | 'models'
  | 'playground'
  | 'attribution'
  | 'rewards'
  | 'agents'
  | 'governance'
  | 'token'
  | 'node'
  | 'explorer'
  | 'menu'
  | 'close'
  | 'sun'
  | 'moon'
  | 'system'
  | 'wallet'
  | 'check'
  | 'cross'
  | 'warning'
  | 'copy'
  | 'external'
  | 'download'
  | 'table'
  | 'chart'
  | 'search'
  | 'send'
  | 'stop'
