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
  until,
  writeSubgraph,
} from '@openledger/cli/stack'
import { type ContractName, cidOfDigest, digestOfCid, inferenceDomain, signVoucher } from '@openledger/protocol'
import {
  AgentRegistryAbi,
  CurationAbi,
  InferenceEscrowAbi,
  LineageRegistryAbi,
  OpenTokenAbi,
  TrainingJobsAbi,
} from '@openledger/protocol/abi'
import {
  Contract,
  HDNodeWallet,
  type InterfaceAbi,
  JsonRpcProvider,
  Mnemonic,
  NonceManager,
  parseEther,
  ZeroHash,
} from 'ethers'
import { eventsOfLogs } from './handler-coverage.ts'
import { expected, goodInputs, HOSTILE_TEXT, hostileInputs, hostileReceipts, verdicts } from './hostile.ts'
import { HostileContent } from './hostile-content.ts'
import { word } from './test-case.ts'

const ABIS: Partial<Record<ContractName, InterfaceAbi>> = {
  OpenToken: OpenTokenAbi,
  LineageRegistry: LineageRegistryAbi,
  InferenceEscrow: InferenceEscrowAbi,
  Curation: CurationAbi,
  TrainingJobs: TrainingJobsAbi,
  AgentRegistry: AgentRegistryAbi,
}
const PHRASE = Mnemonic.fromPhrase('test test test test test test test test test test test junk')
/** Settings that matter for a deployment. */
const TERMS = { bondOpen: 1, challengeWindow: 1, thawTime: 1 }

/** The greatest numbers mean no limit. */
const RULES = {
  ...{ bondWei: 100, minStakeWei: 0, maxRecordsPerBatch: 4_294_967_295, maxRecordsPerPeriod: 4_294_967_295 },
  ...{ maxRecords: 2n ** 64n - 1n, periodSeconds: 86_400, validationSeconds: 3_600, holdSeconds: 60, votesNeeded: 2 },
  ...{ listedOnly: true, silenceAccepts: false, termsDigest: word('terms') },
}

/**
 * What `gnd test` cannot show: events that hold tuples, which are those of models, training orders and rules of Datanets, and
 * what models' owners earn; names that are not text; that a contribution is named as the contracts name it; manifests as
 * strangers write and serve them; and whether a database belongs to a chain. On a real chain with the real contracts.
 * @returns the events that it met, as `Contract.Event`
 */
export async function testOnChain(
  supervisor: Supervisor,
  scratch: string,
  module: string,
  databaseUrl: string,
): Promise<string[]> {
  const ports = await freePorts()
  const state = openStateDirectory(join(scratch, 'live'))
  const [chain, content] = await Promise.all([
    startChain(supervisor, state.chain, ports.chainPort),
    HostileContent.start(ports.contentPort),
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

    const swamp = idIn(await send('LineageRegistry', baseOwner, 'createDatanet', { ...datanetTerms, name: 'swamp' }))
    const contribute = async (digest: string, count: number) =>
      contract('LineageRegistry', baseOwner)
        .getFunction('contributeRecords')
        .send(swamp, digest, word('root'), count, 1, 'MIT')
    const inputs = hostileInputs(swamp, await addressOf(baseOwner))
    for (const { bytes, manner, stated } of inputs) await contribute(digestOfCid(content.put(bytes, manner)), stated)
    const batches = hostileReceipts(node).map((inputOf, i) => inputOf(i + 1))
    for (const [i, { bytes, manner }] of batches.entries()) {
      const paid = { ...voucher, cumulativeWei: String(1_001 + i) }
      const signed = await signVoucher(governor.signer, inferenceDomain(deployment.chainId, escrow), paid)
      const more = { ...settlement, cumulativeWei: 1_001 + i, spentWei: 1_001 + i, signature: signed.signature }
      const anchored = { ...receipts, receiptsDigest: digestOfCid(content.put(bytes, manner)) }
      await send('InferenceEscrow', adapterOwner, 'settle', [{ modelId: adapter, settlements: [more] }], {
        ...{ ...anchored, firstSequence: i + 1, totalWei: 1 },
      })
    }
    await send('AgentRegistry', baseOwner, 'register(string)', HOSTILE_TEXT.repeat(200))

    const curated = idIn(
      await send('LineageRegistry', baseOwner, 'createDatanet', { ...datanetTerms, name: 'curated', curated: true }),
    )
    await send('Curation', baseOwner, 'setRules', curated, RULES)
    const withdrawn = await send('Curation', baseOwner, 'withdrawConsent', datanet, batch[0], batch[1], ZeroHash)
    const deadline = (await provider.getBlock('latest'))!.timestamp + 86_400
    const order = {
      ...{ baseModelId: base, recipeDigest: word('recipe'), budgetWei: 500, minStakeWei: 0, penaltyWei: 100 },
      sources: [{ datanetId: datanet, asOfBlock: first.blockNumber }],
      ...{ deadline, reviewTime: 86_400, modelOwner: 1 },
    }
    await send('OpenToken', governor, 'approve', deployment.contracts.TrainingJobs.address, 500)
    await send('TrainingJobs', governor, 'request', order)
    await send('TrainingJobs', governor, 'cancel', 1)

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
            ...{ settlementCount: 1 + batches.length, settledWei: '1010', contributorsWei: '460' },
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
    equal(datanets.length, 4)
    ok(datanets[1]!.name.includes('\ufffd'), 'bytes that are no text are shown as such')
    deepEqual(
      await ask(
        index.url,
        `{ datanetRuleSets { datanet { id isCurated } bondWei minStakeWei maxRecordsPerBatch maxRecordsPerPeriod maxRecords
          periodSeconds validationSeconds holdSeconds votesNeeded listedOnly silenceAccepts termsDigest termsCid } }`,
      ),
      { datanetRuleSets: [{ ...indexedRules(), datanet: { id: curated, isCurated: true } }] },
    )
    const inCuration = `contract: "${deployment.contracts.Curation.address.toLowerCase()}", value_not: null`
    deepEqual(await ask(index.url, `{ settings(where: { ${inCuration} }, orderBy: name) { name value } }`), {
      settings: [
        { name: 'appealBondWei', value: parseEther('100').toString() },
        { name: 'bountyPpm', value: '500000' },
        { name: 'harmSlashPpm', value: '200000' },
        { name: 'rejectionSlashPpm', value: '200000' },
        { name: 'stakeFloorWei', value: parseEther('100').toString() },
      ],
    })
    const { timestamp } = (await provider.getBlock(withdrawn.blockNumber))!
    const standing = { contributionCount: 2, withdrawnAt: String(timestamp), status: 'None', isDisputed: false }
    const parts = { contributionCount: true, withdrawnAt: true, status: true, isDisputed: true }
    deepEqual(
      await ask(
        index.url,
        `{ contributions(where: { datanet: "${datanet}" }, orderBy: version) { version standing { ${Object.keys(parts).join(' ')} } } }`,
      ),
      { contributions: [1, 2].map((version) => ({ version, standing })) },
    )
    deepEqual(
      await ask(
        index.url,
        `{ trainingJobs { number status requester { id } baseModel { id } recipeDigest budgetWei minStakeWei penaltyWei deadline
          reviewSeconds modelOwner requesterWei sources { index datanet { id } asOfBlock } } }`,
      ),
      {
        trainingJobs: [
          {
            ...{ number: '1', status: 'Cancelled', requester: { id: payer }, baseModel: { id: base } },
            ...{ recipeDigest: word('recipe'), budgetWei: '500', minStakeWei: '0', penaltyWei: '100' },
            ...{ deadline: String(deadline), reviewSeconds: '86400', modelOwner: 'Trainer', requesterWei: '500' },
            sources: [{ index: 0, datanet: { id: datanet }, asOfBlock: String(first.blockNumber) }],
          },
        ],
      },
    )

    const answers = `receiptBatches(first: 1000, skip: 1, orderBy: number) { manifest { fault } }`
    const parted = `contributions(first: 1000, where: { datanet: "${swamp}" }, orderBy: version) { manifest { fault } }`
    type Verdicts = { contributions: Manifests; receiptBatches: Manifests }
    type Manifests = { manifest: { fault: string | null } | null }[]
    const become = (released: boolean) =>
      until('What strangers published', { timeoutMs: 120_000, signal: supervisor.ending }, async () => {
        const found = (await ask(index.url, `{ ${parted} ${answers} }`)) as Verdicts
        const of = (manifests: Manifests) => manifests.map(({ manifest }) => manifest)
        deepEqual(verdicts(inputs, of(found.contributions)), expected(inputs, released))
        deepEqual(verdicts(batches, of(found.receiptBatches)), expected(batches, released))
        return true
      })
    await become(false)
    // The index goes on: what is good and comes after all that is indexed, while some of it is still being waited for.
    inputs.push(...goodInputs(swamp, await addressOf(baseOwner)))
    for (const { bytes, manner, stated } of inputs.slice(-1))
      await contribute(digestOfCid(content.put(bytes, manner)), stated)
    await become(false)
    content.release()
    await become(true)
    const { records, agents, _meta } = (await ask(
      index.url,
      `{ records(where: { title_contains: "DROP TABLE" }) { title } agents { uri } _meta { hasIndexingErrors } }`,
    )) as { records: unknown; agents: { uri: string }[]; _meta: { hasIndexingErrors: boolean } }
    // Postgres holds no zero characters: graph-node drops them.
    deepEqual(records, [{ title: HOSTILE_TEXT.replaceAll('\u0000', '') }])
    equal(agents.at(-1)!.uri, HOSTILE_TEXT.replaceAll('\u0000', '').repeat(200))
    equal(_meta.hasIndexingErrors, false)
    // Models' names hold tuples beside them, so `gnd test` cannot send them.
    deepEqual(await ask(index.url, '{ modelSearch(text: "ADAPT:*") { name } }'), { modelSearch: [{ name: 'adapter' }] })

    const logs = await provider.getLogs({ fromBlock: 0, toBlock: 'latest' })
    ok(await indexMatches(databaseUrl, chain.url, manifest), 'this database is about this chain')
    ok(!(await indexMatches(databaseUrl, chain.url, `${manifest}x`)), 'it is not about another subgraph')
    await index.process.stop()
    await provider.send('anvil_reorg', [2, []])
    ok(!(await indexMatches(databaseUrl, chain.url, manifest)), 'it is not about a chain with other blocks')
    return eventsOfLogs(logs, deployment.contracts)
  } finally {
    provider.destroy()
    await content.close()
  }
}

function indexedRules(): Record<string, unknown> {
  const [listedOnly, silenceAccepts] = [RULES.listedOnly, RULES.silenceAccepts]
  const numbers = Object.entries(RULES).filter(([, value]) => typeof value !== 'boolean')
  const texts = Object.fromEntries(numbers.map(([name, value]) => [name, String(value)]))
  return {
    ...texts,
    votesNeeded: RULES.votesNeeded,
    listedOnly,
    silenceAccepts,
    termsCid: cidOfDigest(RULES.termsDigest),
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
