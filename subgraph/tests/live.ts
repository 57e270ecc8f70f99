import { deepEqual, equal, ok } from 'node:assert/strict'
import { join } from 'node:path'
import {
  ensureContracts,
  freePorts,
  indexMatches,
  openStateDirectory,
  type Supervisor,
  startChain,
  startIndexNode,
  writeSubgraph,
} from '@openledger/cli/stack'
import { DiskContentStore, startContentServer } from '@openledger/content-store'
import { type ContractName, inferenceDomain, signVoucher } from '@openledger/protocol'
import { InferenceEscrowAbi, LineageRegistryAbi, OpenTokenAbi } from '@openledger/protocol/abi'
import { Contract, HDNodeWallet, type InterfaceAbi, JsonRpcProvider, Mnemonic, NonceManager, parseEther } from 'ethers'
import { word } from './test-case.ts'

const ABIS: Partial<Record<ContractName, InterfaceAbi>> = {
  OpenToken: OpenTokenAbi,
  LineageRegistry: LineageRegistryAbi,
  InferenceEscrow: InferenceEscrowAbi,
}
const PHRASE = Mnemonic.fromPhrase('test test test test test test test test test test test junk')
/** Settings that matter for a deployment. */
const TERMS = { bondOpen: 1, challengeWindow: 1, thawTime: 1 }

/**
 * What `gnd test` cannot show: models, whose event holds a list of tuples, and what their owners earn; names that are not
 * text; and whether a database belongs to a chain. On a real chain with the real contracts.
 */
export async function testOnChain(
  supervisor: Supervisor,
  scratch: string,
  module: string,
  databaseUrl: string,
): Promise<void> {
  const ports = await freePorts()
  const state = openStateDirectory(join(scratch, 'live'))
  const [chain, content] = await Promise.all([
    startChain(supervisor, state.chain, ports.chainPort),
    startContentServer(new DiskContentStore(join(state.root, 'content')), { port: ports.contentPort }),
  ])
  const provider = new JsonRpcProvider(chain.url, undefined, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 100,
  })
  try {
    const deployment = await ensureContracts(supervisor, state, chain.url, TERMS)
    // Two owners, one of whom serves; who serves must be able to settle, who pays to sign.
    const [governor, baseOwner, adapterOwner] = [0, 2, 3].map(
      (i) => new NonceManager(HDNodeWallet.fromMnemonic(PHRASE, `m/44'/60'/0'/0/${i}`).connect(provider)),
    ) as [NonceManager, NonceManager, NonceManager]
    const contract = (name: ContractName, runner: NonceManager) =>
      new Contract(deployment.contracts[name].address, ABIS[name]!, runner)
    const send = async (name: ContractName, runner: NonceManager, method: string, ...parameters: unknown[]) => {
      const transaction = await contract(name, runner)
        .getFunction(method)
        .send(...parameters)
      return (await transaction.wait())!
    }
    const idIn = (receipt: { logs: readonly { topics: readonly string[] }[] }) => receipt.logs[0]!.topics[1]!

    const terms = { licenceFlags: 3, royaltyPpm: 1_000, licence: 'MIT' }
    const datanetTerms = { ...terms, name: 'texts', modality: 0, metadataDigest: word('description'), curated: false }
    const datanet = idIn(await send('LineageRegistry', baseOwner, 'createDatanet', datanetTerms))
    const batch = [word('manifest'), word('root'), 1, 1, 'MIT']
    const first = await send('LineageRegistry', baseOwner, 'contributeRecords', datanet, ...batch)
    await send('LineageRegistry', baseOwner, 'contributeRecords', datanet, ...batch)
    const modelTerms = { ...terms, artefactDigest: word('artefact'), trainingRoot: word('training') }
    const base = idIn(
      await send('LineageRegistry', baseOwner, 'registerModel', { ...modelTerms, kind: 1, name: 'base', parents: [] }),
    )
    const parents = [
      { id: base, asOfBlock: 0 },
      { id: datanet, asOfBlock: first.blockNumber },
    ]
    const adapter = idIn(
      await send('LineageRegistry', adapterOwner, 'registerModel', {
        ...modelTerms,
        kind: 2,
        name: 'adapter',
        parents,
      }),
    )
    await createUnreadableName(contract('LineageRegistry', baseOwner), baseOwner, datanetTerms)

    // The governor pays the adapter's owner, who serves, for the adapter.
    const [payer, node] = [await governor.getAddress(), await adapterOwner.getAddress()].map((a) =>
      a.toLowerCase(),
    ) as [`0x${string}`, `0x${string}`]
    const escrow = deployment.contracts.InferenceEscrow.address
    await send('OpenToken', governor, 'approve', escrow, parseEther('10'))
    await send('InferenceEscrow', governor, 'deposit', payer, parseEther('10'))
    const voucher = { payer, node, modelId: adapter as `0x${string}`, cumulativeWei: '1000', expiresAt: '4000000000' }
    const { signature } = await signVoucher(governor.signer, inferenceDomain(deployment.chainId, escrow), voucher)
    const receipts = {
      receiptsRoot: word('root'),
      receiptsDigest: word('digest'),
      receiptCount: 1,
      firstSequence: 0,
      lastReceiptHash: word('receipt'),
      totalWei: 1_000,
    }
    const { cumulativeWei, expiresAt } = voucher
    const settlement = { payer, cumulativeWei, expiresAt, spentWei: 1_000, signature }
    const models = [{ modelId: adapter, settlements: [settlement] }]
    await send('InferenceEscrow', adapterOwner, 'settle', models, receipts)

    const manifest = writeSubgraph(module, state.subgraph, deployment)
    const block = await provider.getBlockNumber()
    const from = { manifest, databaseUrl, chainUrl: chain.url, contentUrl: content.url, ports, block }
    const index = await startIndexNode(supervisor, from)
    deepEqual(
      await ask(
        index.url,
        '{ models(orderBy: blockNumber) { id kind name base { id } owner { id } settlementCount settledWei contributorsWei parents(orderBy: index) { index asOfBlock version datanet { id } parentModel { id } } } }',
      ),
      {
        models: [
          {
            ...{ id: base, kind: 'Base', name: 'base', base: { id: base }, parents: [] },
            ...{ settlementCount: 0, settledWei: '0', contributorsWei: '0', owner: { id: await addressOf(baseOwner) } },
          },
          {
            ...{ id: adapter, kind: 'Adapter', name: 'adapter', base: { id: base }, owner: { id: node } },
            ...{ settlementCount: 1, settledWei: '1000', contributorsWei: '450' },
            parents: [
              { index: 0, asOfBlock: '0', version: 0, datanet: null, parentModel: { id: base } },
              {
                index: 1,
                asOfBlock: String(first.blockNumber),
                version: 1,
                datanet: { id: datanet },
                parentModel: null,
              },
            ],
          },
        ],
      },
    )
    const earners = `["${node}", "${await addressOf(baseOwner)}"]`
    deepEqual(
      await ask(
        index.url,
        `{ accounts(where: { id_in: ${earners} }, orderBy: earnedAsOwnerWei) { earnedAsNodeWei earnedAsOwnerWei } }`,
      ),
      {
        accounts: [
          { earnedAsNodeWei: '0', earnedAsOwnerWei: '50' },
          { earnedAsNodeWei: '350', earnedAsOwnerWei: '100' },
        ],
      },
    )
    const { datanets } = (await ask(index.url, '{ datanets(orderBy: blockNumber) { name } }')) as {
      datanets: { name: string }[]
    }
    equal(datanets.length, 2)
    ok(datanets[1]!.name.includes('\ufffd'), 'bytes that are no text are shown as such')

    ok(await indexMatches(databaseUrl, chain.url, manifest), 'this database is about this chain')
    ok(!(await indexMatches(databaseUrl, chain.url, `${manifest}x`)), 'it is not about another subgraph')
    await index.process.stop()
    await provider.send('anvil_reorg', [2, []])
    ok(!(await indexMatches(databaseUrl, chain.url, manifest)), 'it is not about a chain with other blocks')
  } finally {
    provider.destroy()
    await content.close()
  }
}

/** The contract takes any bytes for a name. */
async function createUnreadableName(registry: Contract, sender: NonceManager, terms: { name: string }): Promise<void> {
  const marker = 'ABCDEFGH'
  const data = registry.interface.encodeFunctionData('createDatanet', [{ ...terms, name: marker }])
  const hex = Buffer.from(marker).toString('hex')
  const transaction = await sender.sendTransaction({
    to: await registry.getAddress(),
    data: data.replace(hex, 'fffe00c3280000ed'),
  })
  await transaction.wait()
}

async function addressOf(wallet: NonceManager): Promise<string> {
  return (await wallet.getAddress()).toLowerCase()
}

async function ask(url: string, query: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: unknown }
  if (data === undefined) throw new Error(JSON.stringify(errors))
  return data
}
