/** For tests: a real chain on a free port with the LineageRegistry deployed on it. */

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { AutominedProvider } from '@openledger/protocol/testing'
import {
  Contract,
  ContractFactory,
  HDNodeWallet,
  type JsonRpcProvider,
  NonceManager,
  type Signer,
  ZeroAddress,
} from 'ethers'

export type RegistryChain = { address: string; contract: Contract; signer: Signer; stop(): Promise<void> }

export async function startRegistryChain(): Promise<RegistryChain> {
  const port = await freePort()
  const anvil = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
  const program = [join(dirname(anvil), 'bin.mjs'), '--port', String(port), '--host', '127.0.0.1', '--silent']
  const child = spawn(process.execPath, program, { stdio: 'ignore' })
  const provider = new AutominedProvider(`http://127.0.0.1:${port}`, 31337, {
    staticNetwork: true,
    pollingInterval: 50,
  })
  await answering(provider)
  const phrase = 'test test test test test test test test test test test junk' // anvil's own accounts
  const signer = new NonceManager(HDNodeWallet.fromPhrase(phrase, undefined, "m/44'/60'/0'/0/0").connect(provider))
  const owner = await signer.getAddress()
  const { abi } = artefact('LineageRegistry')
  const implementation = await create('LineageRegistry', [], signer)
  const setup = new Contract(implementation, abi, signer).interface.encodeFunctionData('initialize', [
    owner,
    ZeroAddress,
    ZeroAddress,
  ])
  const address = await create('ERC1967Proxy', [implementation, setup], signer)
  return {
    address,
    contract: new Contract(address, abi, signer),
    signer,
    stop: async () => {
      provider.destroy()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill()
      await ended
    },
  }
}

async function create(name: string, args: unknown[], signer: Signer): Promise<string> {
  const { abi, bytecode } = artefact(name)
  const contract = await new ContractFactory(abi, bytecode, signer).deploy(...args)
  await contract.waitForDeployment()
  return contract.getAddress()
}

function artefact(name: string): { abi: []; bytecode: string } {
  return JSON.parse(readFileSync(new URL(`../../../contracts/compiled/${name}.json`, import.meta.url), 'utf8'))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function answering(provider: JsonRpcProvider): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const isUp = await provider.send('eth_chainId', []).then(
      () => true,
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('anvil did not start')
}
