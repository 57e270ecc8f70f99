import { createRequire } from 'node:module'
import hardhatEthers from '@nomicfoundation/hardhat-ethers'
import hardhatIgnition from '@nomicfoundation/hardhat-ignition'
import hardhatIgnitionEthers from '@nomicfoundation/hardhat-ignition-ethers'
import { defineConfig } from 'hardhat/config'

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

export default defineConfig({
  plugins: [hardhatEthers, hardhatIgnition, hardhatIgnitionEthers],
  solidity: {
    profiles: {
      default: compiler,
      production: compiler,
    },
    npmFilesToBuild: ['@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol'],
    // Tests are compiled when tests run, so that deploying never waits for them.
    splitTestsCompilation: true,
  },
  paths: { sources: 'contracts', tests: { solidity: 'contracts/test' }, ignition: 'contracts/ignition' },
  networks: {
    local: { type: 'http', url: 'http://127.0.0.1:8545' },
  },
  test: {
    solidity: {
      // One seed for everybody, so that a failure here is a failure there.
      fuzz: { runs: 256, seed: '0x0bed' },
      invariant: { runs: 32, depth: 48, failOnRevert: true },
    },
  },
})
