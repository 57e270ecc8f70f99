import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { HttpContentStore } from '@openledger/content-store'
import { type Deployment, inferenceDomain, OpenLedgerError } from '@openledger/protocol'
import type { Log, RunningService } from '@openledger/protocol/service'
import { JsonRpcProvider, Wallet, ZeroHash } from 'ethers'
import { CachedContent } from './adapters/cached-content.ts'
import { ModelDirectory, type RegisteredModel } from './adapters/model-directory.ts'
import { ModelHost } from './adapters/model-host.ts'
import { AnswerService } from './api/answer-service.ts'
import { createApp, DRAINING } from './api/app.ts'
import { Gate } from './api/gate.ts'
import { NodeMetrics } from './api/metrics.ts'
import { createPatientServer } from './api/server.ts'
import { ChainEscrow } from './payment/escrow.ts'
import { PriceList } from './payment/price-list.ts'
import { VoucherDesk } from './payment/voucher-desk.ts'
import { BatchStore } from './receipts/batch-store.ts'
import { EscrowSettlement } from './receipts/escrow-settlement.ts'
import { ReceiptLog } from './receipts/receipt-log.ts'
import { Settler } from './receipts/settler.ts'
import { repeat } from './repeat.ts'
import type { NodeSettings } from './settings.ts'
import { openDatabase } from './store/database.ts'

/** A chain that did not answer for so long is taken for gone: balances cannot be asked for. */
const CHAIN_SILENT_MS = 15_000
/** Content that is not there yet is asked for again after this time. */
const PUBLISH_RETRY_MS = 2000

/** Starts a node. Its parts in the order in which a request meets them: models, payment, receipts, settlement, HTTP. */
export async function startInferenceNode(
  settings: NodeSettings,
  deployment: Deployment,
  log: Log,
): Promise<RunningService> {
  const { address: escrowAddress, block: escrowBlock } = contractOf(deployment, 'InferenceEscrow')
  const registry = contractOf(deployment, 'LineageRegistry')
  const { chainId } = deployment
  const provider = new JsonRpcProvider(settings.OPENLEDGER_RPC_URL, chainId, {
    staticNetwork: true,
    pollingInterval: 250,
  })
  const wallet = new Wallet(settings.OPENLEDGER_KEY, provider)
  const node = wallet.address.toLowerCase()
  const domain = inferenceDomain(chainId, escrowAddress)
  const stateDirectory = join(settings.OPENLEDGER_STATE, 'inference-node')
  const remote = new HttpContentStore(settings.OPENLEDGER_CONTENT_URL)

  const directory = new ModelDirectory({ address: registry.address, provider, startBlock: registry.block })
  const content = new CachedContent(join(stateDirectory, 'content'), remote)

  const database = openDatabase(join(stateDirectory, 'node.sqlite'), { chainId, escrow: escrowAddress, node })
  const escrow = new ChainEscrow({ address: escrowAddress, provider, node })
  const minLifetimeMs = settings.OPENLEDGER_VOUCHER_LIFETIME_MS
  const desk = new VoucherDesk(database, escrow, { domain, node, minLifetimeMs })
  const prices = PriceList.parse(
    { promptWei: settings.OPENLEDGER_PROMPT_PRICE_WEI, completionWei: settings.OPENLEDGER_COMPLETION_PRICE_WEI },
    settings.OPENLEDGER_PRICES,
  )

  const chain = new EscrowSettlement({
    address: escrowAddress,
    domain,
    provider,
    signer: wallet,
    startBlock: escrowBlock,
  })
  const last = await chain.anchored()
  const start = {
    sequence: await chain.nextSequence(),
    previousReceipt: (last?.lastReceiptHash ?? ZeroHash) as `0x${string}`,
  }
  const receipts = new ReceiptLog(database, start, { signer: wallet, domain, node })
  const publishing = repeat(
    () => receipts.publish((bytes) => remote.put(bytes)),
    PUBLISH_RETRY_MS,
    (error) => log.error('transcripts wait to be published', error),
  )

  let host: ModelHost | undefined
  let answers: AnswerService | undefined
  const batches = new BatchStore(database)
  const metrics = new NodeMetrics({
    open_requests: () => host?.engine.openRequests ?? 0,
    waiting_requests: () => host?.engine.load.waitingRows ?? 0,
    active_rows: () => host?.engine.load.activeRows ?? 0,
    adapters_loaded: () => host?.adapters.stats.adapters ?? 0,
    adapter_bytes: () => host?.adapters.stats.bytes ?? 0,
    adapter_hits: () => host?.adapters.stats.hits ?? 0,
    adapter_misses: () => host?.adapters.stats.misses ?? 0,
    engine_steps_total: () => host?.engine.load.steps ?? 0,
    engine_row_steps_total: () => host?.engine.load.rowSteps ?? 0,
    reused_prompt_tokens_total: () => host?.engine.load.reusedTokens ?? 0,
    unsettled_receipts: () => batches.unsettledCount(),
    connections: () => gate.connections,
  })
  const gate = new Gate({
    maxConnections: settings.OPENLEDGER_MAX_CONNECTIONS,
    maxPerAddress: settings.OPENLEDGER_MAX_CONNECTIONS_PER_ADDRESS,
    requestsPerSecond: settings.OPENLEDGER_REQUESTS_PER_SECOND,
    onRefused: () => metrics.refusedConnection(),
  })
  const settler = new Settler({
    node,
    batches,
    chain,
    putJson: (value) => remote.putJson(value),
    publishTranscripts: () => receipts.publish((bytes) => remote.put(bytes)),
    log,
    onLanded: () => escrow.forget(),
    onWrittenOff: (amountWei) => metrics.writtenOff(amountWei),
  })
  const settling = repeat(
    () => settler.settle(),
    settings.OPENLEDGER_SETTLE_EVERY_MS,
    (error) => log.error('could not settle', error),
  )

  let isDraining = false
  const prefetched = new Set<string>()
  let chainAnsweredMs = Number.NEGATIVE_INFINITY
  const status = () => {
    if (isDraining) return DRAINING
    if (host === undefined) return 'waiting for a base model on chain'
    if (!host.engine.isAlive) return 'engine broke off'
    const silentMs = performance.now() - chainAnsweredMs
    return silentMs > CHAIN_SILENT_MS + settings.OPENLEDGER_MODELS_EVERY_MS ? 'the chain does not answer' : 'ready'
  }

  /** Follows the chain; serves as soon as there is a base to serve. */
  const follow = async () => {
    await directory.refresh()
    chainAnsweredMs = performance.now()
    if (host?.engine.isAlive === false) {
      log.warn('the engine broke off and is started again')
      host = undefined
      answers = undefined
      prefetched.clear()
    }
    const base = host === undefined ? chooseBase(directory.all(), settings.OPENLEDGER_BASE_MODEL) : undefined
    if (base === undefined) return
    const started = await ModelHost.start(base, {
      directory,
      content,
      engine: {
        rank: settings.OPENLEDGER_LORA_RANK,
        targets: settings.OPENLEDGER_LORA_TARGETS,
        maxRows: settings.OPENLEDGER_BATCH_ROWS,
        threads: settings.OPENLEDGER_THREADS,
        prefixBytes: settings.OPENLEDGER_PREFIX_BYTES,
        ...(settings.OPENLEDGER_BATCH_TOKENS > 0 && { batchTokens: settings.OPENLEDGER_BATCH_TOKENS }),
      },
      adapterBytes: settings.OPENLEDGER_ADAPTER_BYTES,
    })
    await remote.putJson(started.engine.facts)
    host = started
    answers = new AnswerService({
      host,
      desk,
      prices,
      receipts,
      metrics,
      onReceipt: () => publishing.now(),
      maxOpenRequests: settings.OPENLEDGER_MAX_OPEN_REQUESTS,
      maxOpenPerPayer: settings.OPENLEDGER_MAX_OPEN_PER_PAYER,
      rows: settings.OPENLEDGER_BATCH_ROWS,
      patienceMs: settings.OPENLEDGER_QUEUE_MS,
      defaultMaxTokens: settings.OPENLEDGER_DEFAULT_MAX_TOKENS,
    })
    log.info('serving', { base: base.id, name: base.name, engineHash: host.engine.engineHash })
  }
  /** Loads what the operator wants at hand, as soon as it is on chain; a fault of one keeps none of the others. */
  const provide = async () => {
    const current = host
    if (current === undefined) return
    const fresh = directory.on(current.base.id).filter(({ id }) => !prefetched.has(id))
    for (const model of fresh) {
      const isPinned = settings.OPENLEDGER_PINNED_ADAPTERS.some(
        (name) => directory.find(name, current.base.id) === model,
      )
      try {
        if (isPinned && model.kind === 'adapter') await current.pin(model)
        else if (settings.OPENLEDGER_PREFETCH === '1') await current.prefetch([model])
        prefetched.add(model.id)
      } catch (error) {
        log.error(`could not provide ${model.name}`, error)
      }
    }
  }
  const providing = repeat(provide, settings.OPENLEDGER_MODELS_EVERY_MS, (error) => log.error('no adapters', error))
  const following = repeat(follow, settings.OPENLEDGER_MODELS_EVERY_MS, (error) =>
    log.error('could not follow the chain', error),
  )
  await following.now()

  const app = createApp({
    gate: gate.handler,
    status,
    host: () => host,
    answers: () => answers,
    prices,
    receipts,
    settler,
    metrics,
    operatorKey: settings.OPENLEDGER_OPERATOR_KEY,
    identity: { node, chainId, escrow: escrowAddress },
    engineUrl: settings.OPENLEDGER_ENGINE_URL,
    log,
  })
  const server = createPatientServer(app)
  gate.watch(server)
  const url = await listen(server, settings.OPENLEDGER_HOST, settings.OPENLEDGER_PORT)
  return {
    url,
    close: async () => {
      isDraining = true
      await following.stop()
      await providing.stop()
      // Answers under way are finished: they are paid for, and their receipts must be stored.
      await closeServer(server)
      await settling.stop()
      await publishing.stop()
      await host?.close()
      provider.destroy()
      database.close()
    },
  }
}

/** Lets answers under way end; a connection that is kept alive after its answer must not keep the process. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = setInterval(() => server.closeIdleConnections(), 50)
  await closed
  clearInterval(timer)
}

function chooseBase(models: readonly RegisteredModel[], wanted: string | undefined): RegisteredModel | undefined {
  const bases = models.filter(({ kind }) => kind === 'base')
  return wanted === undefined ? bases[0] : bases.find(({ id, name }) => id === wanted || name === wanted)
}

function contractOf(deployment: Deployment, name: 'InferenceEscrow' | 'LineageRegistry') {
  const contract = deployment.contracts[name]
  if (contract !== undefined) return contract
  throw new OpenLedgerError('deployment.incomplete', 'The deployment lacks a contract that the node needs.', {
    facts: { contract: name, network: deployment.network },
    nextStep: 'Deploy again with `npm run deploy -- --network <name>`.',
  })
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new OpenLedgerError('node.cannot_listen', 'The inference node cannot listen on this port.', {
          facts: { host, port, reason: cause.code ?? cause.message },
          nextStep: 'Stop what uses the port, or set another one with OPENLEDGER_PORT.',
          cause,
        }),
      )
    })
    server.listen(port, host, () => {
      const { address, port: bound } = server.address() as AddressInfo
      resolve(`http://${address.includes(':') ? `[${address}]` : address}:${bound}`)
    })
  })
}
