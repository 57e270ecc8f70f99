/**
 * Which installed packages make the demo's Datanets. Each package's package.json names its author and licence; both are
 * read from there, so credit goes where the package says. Only licences that allow redistribution and derivatives.
 */
export type Source = {
  /** npm name of an installed package, or `.` for this project's own files. */
  package: string
  /** Folder below the package that is searched; the package's root unless given. */
  folder?: string
  files: RegExp
  /** Records taken from this package, spread evenly over its text. */
  records: number
}

export type DemoDatanet = {
  name: string
  summary: string
  /** Name of the adapter that is trained on it. */
  adapter: string
  sources: readonly Source[]
}

const README = /^readme(\.md)?$/i

export const DEMO_DATANETS: readonly DemoDatanet[] = [
  {
    name: 'Library READMEs',
    summary: 'What authors of JavaScript libraries tell their users: purpose, examples, options.',
    adapter: 'readme',
    sources: [
      { package: '@noble/curves', files: README, records: 22 },
      { package: 'dataloader', files: README, records: 18 },
      { package: 'enquirer', files: README, records: 24 },
      { package: 'fast-check', files: README, records: 14 },
      { package: 'glob', files: README, records: 24 },
      { package: 'prom-client', files: README, records: 16 },
      { package: 'protobufjs', files: README, records: 20 },
      { package: 'semver', files: README, records: 18 },
      { package: 'smol-toml', files: README, records: 16 },
      { package: 'type-fest', files: README, records: 14 },
    ],
  },
  {
    name: 'TypeScript sources',
    summary: 'Typed library code as its authors wrote it.',
    adapter: 'typescript',
    sources: [
      { package: '@nomicfoundation/ignition-core', folder: 'src', files: /(?<!\.d)\.ts$/, records: 28 },
      { package: '@noble/hashes', folder: 'src', files: /(?<!\.d)\.ts$/, records: 26 },
      { package: 'ajv', folder: 'lib', files: /(?<!\.d)\.ts$/, records: 28 },
      { package: 'ethers', folder: 'src.ts', files: /(?<!\.d)\.ts$/, records: 34 },
      { package: 'immer', folder: 'src', files: /(?<!\.d)\.ts$/, records: 26 },
      { package: 'multiformats', folder: 'src', files: /(?<!\.d)\.ts$/, records: 20 },
      { package: 'zod', folder: 'src', files: /(?<!\.d)\.ts$/, records: 34 },
    ],
  },
  {
    name: 'Solidity sources',
    summary: 'Contracts of well-audited libraries and of this project.',
    adapter: 'solidity',
    sources: [
      { package: '@openzeppelin/contracts', files: /\.sol$/, records: 140 },
      { package: 'hardhat', files: /^console\.sol$/, records: 22 },
      { package: '.', folder: 'contracts', files: /(?<!\.t)\.sol$/, records: 24 },
    ],
  },
]
