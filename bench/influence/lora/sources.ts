/** The two sets of texts: twelve unlike packages, and six that are alike. All are unknown to the base model. */
export type SourceName = { package: string; folder: string; files: RegExp }

export type SetName = 'main' | 'hard'

const README = /^readme\.md$/i
const TYPESCRIPT = /(?<!\.d)\.ts$/

export const SETS: Record<SetName, { sources: readonly SourceName[]; recordsEach: number; targetsEach: number }> = {
  main: {
    recordsEach: 20,
    targetsEach: 3,
    sources: [
      { package: '@noble/curves', folder: '.', files: README },
      { package: '@noble/hashes', folder: 'src', files: TYPESCRIPT },
      { package: '@openzeppelin/contracts', folder: 'token', files: /\.sol$/ },
      { package: 'ajv', folder: 'lib', files: TYPESCRIPT },
      { package: 'enquirer', folder: '.', files: README },
      { package: 'ethers', folder: 'src.ts', files: TYPESCRIPT },
      { package: 'glob', folder: '.', files: README },
      { package: 'prom-client', folder: '.', files: README },
      { package: 'protobufjs', folder: '.', files: README },
      { package: 'semver', folder: '.', files: README },
      { package: 'type-fest', folder: 'source', files: /\.d\.ts$/ },
      { package: 'zod', folder: 'src', files: TYPESCRIPT },
    ],
  },
  hard: {
    recordsEach: 40,
    targetsEach: 6,
    sources: [
      { package: '@noble/hashes', folder: 'src', files: TYPESCRIPT },
      { package: 'ajv', folder: 'lib', files: TYPESCRIPT },
      { package: 'ethers', folder: 'src.ts', files: TYPESCRIPT },
      { package: 'immer', folder: 'src', files: TYPESCRIPT },
      { package: 'multiformats', folder: 'src', files: TYPESCRIPT },
      { package: 'zod', folder: 'src', files: TYPESCRIPT },
    ],
  },
}
