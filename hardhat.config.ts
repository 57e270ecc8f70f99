import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatIgnition from '@nomicfoundation/hardhat-ignition'
import hardhatIgnitionEthers from '@nomicfoundation/hardhat-ignition-ethers'
import { defineConfig } from 'hardhat/config'
import { definePlugin } from 'hardhat/plugins'

/** Hardhat would download a native compiler; the npm package brings the same one as WebAssembly, so building needs no other host. */
const soljson = createRequire(import.meta.url).resolve('solc/soljson.js')

const compiler = {
  version: '0.8.37',
  path: soljson,
  settings: {
    evmVersion: 'cancun',
    viaIR: true,
    optimizer: { enabled: true, runs: 20_000 },
    // No metadata hash: the bytecode then depends on the code alone, and the committed artefacts can be compared to a fresh build.
    metadata: { bytecodeHash: 'none' as const, appendCBOR: false },
  },
}

/**
 * How hard the Solidity tests look, and at what: by OPENLEDGER_SOLIDITY_LANE. Coverage and mutation ask whether a line matters
 * to any test at all, which few runs answer as well as many; they compile without the optimiser, so that a line stays a line.
 */
const LANES = {
  ci: { optimised: true, fuzzRuns: 1_000, invariantRuns: 64, depth: 64 },
  nightly: { optimised: true, fuzzRuns: 10_000, invariantRuns: 1_024, depth: 64 },
  coverage: { optimised: false, fuzzRuns: 64, invariantRuns: 16, depth: 48 },
  mutation: { optimised: false, fuzzRuns: 64, invariantRuns: 8, depth: 48 },
}
const laneName = process.env.OPENLEDGER_SOLIDITY_LANE ?? 'ci'
if (!(laneName in LANES))
  throw new Error(`OPENLEDGER_SOLIDITY_LANE is ${laneName}, not ${Object.keys(LANES).join(', ')}`)
const lane = LANES[laneName as keyof typeof LANES]
/** Where a lane builds that must not touch the others' artefacts. */
const laneFolder = process.env.OPENLEDGER_SOLIDITY_OUT
/** Sources that the compiler's older path cannot take ("stack too deep"), found by whoever runs an unoptimised lane. */
const deepFiles = (process.env.OPENLEDGER_SOLIDITY_DEEP ?? '').split(',').filter((file) => file !== '')

/**
 * Tests deploy what the build made, by `vm.getCode`, so how they are compiled themselves does not matter to what they test:
 * without the optimiser it takes a tenth of the time.
 */
const testCompiler = {
  ...compiler,
  settings: { ...compiler.settings, viaIR: false, optimizer: { enabled: false } },
}
/** The rooms of the economy: every folder that holds contracts of ours, but for the tests and the models that are proven. */
const rooms = readdirSync(join(import.meta.dirname, 'contracts'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['test', 'formal'].includes(entry.name) && holdsSolidity(entry.name))
  .map((entry) => entry.name)
  .sort()
const testFiles = readdirSync(join(import.meta.dirname, 'contracts/test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.sol'))
  .map((file) => `contracts/test/${file}`)
const overrides = Object.fromEntries(testFiles.map((file) => [file, testCompiler]))
const deepCompiler = { ...compiler, settings: { ...compiler.settings, optimizer: { enabled: true, runs: 1 } } }
const main = lane.optimised ? compiler : testCompiler
const deepOverrides = Object.fromEntries(deepFiles.map((file) => [file, deepCompiler]))

function holdsSolidity(room: string): boolean {
  const files = readdirSync(join(import.meta.dirname, 'contracts', room), { recursive: true, encoding: 'utf8' })
  return files.some((file) => file.endsWith('.sol'))
}

/** Hardhat compiles files together if their settings are one object, and resolving the config makes a copy for each file. */
const compileTestsTogether = definePlugin({
  id: 'compile-tests-together',
  hookHandlers: {
    config: async () => ({
      default: async () => ({
        async resolveUserConfig(userConfig, resolveVariable, next) {
          const config = await next(userConfig, resolveVariable)
          for (const profile of Object.values(config.solidity.profiles)) {
            const shared = profile.overrides[testFiles[0]!]
            for (const file of testFiles) profile.overrides[file] = shared!
          }
          return config
        },
      }),
    }),
  },
})

export default defineConfig({
  plugins: [hardhatEthers, hardhatIgnition, hardhatIgnitionEthers, compileTestsTogether],
  solidity: {
    profiles: {
      default: { compilers: [main], overrides: { ...overrides, ...deepOverrides } },
      production: { compilers: [compiler], overrides },
    },
    npmFilesToBuild: [
      '@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol',
      // The paymaster is tested against the real one; nothing of ours deploys it.
      '@account-abstraction/contracts/core/EntryPoint.sol',
    ],
    // Tests are compiled when tests run, so that deploying never waits for them.
    splitTestsCompilation: true,
  },
  paths: {
    // Folder by folder, for all that lies in a source folder would be built as a contract of ours, test support included.
    sources: rooms.map((room) => `contracts/${room}`),
    tests: { solidity: 'contracts/test' },
    ignition: 'contracts/ignition',
    ...(laneFolder !== undefined && { artifacts: join(laneFolder, 'artifacts'), cache: join(laneFolder, 'cache') }),
  },
  networks: {
    local: { type: 'http', url: 'http://127.0.0.1:8545' },
  },
  test: {
    solidity: {
      // One seed for everybody, so that a failure here is a failure there.
      fuzz: { runs: lane.fuzzRuns, seed: '0x0bed' },
      invariant: {
        runs: lane.invariantRuns,
        depth: lane.depth,
        failOnRevert: true,
        ...(laneName === 'mutation' && { shrinkRunLimit: 0 }),
      },
      // Many times what any test needs: a mutant that loops for ever runs out of it.
      ...(laneName === 'mutation' && { gasLimit: 2n ** 28n }),
    },
  },
})
