/** Takes up orders on chain that this factory can fulfil for their budget, and collects what was earned. */
import type { ContentStore } from '@openledger/content-store'
import {
  cidOfDigest,
  type Deployment,
  type Digest,
  OpenLedgerError,
  OrderedRecipe,
  parseManifest,
} from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import { contractOf, send } from '@openledger/sdk'
import type { Contract, EventLog, Signer } from 'ethers'
import { TrainingError } from '../error.ts'
import { preflightInProcess } from '../jobs/job-process.ts'
import { type RunSpec, readRunSpec } from '../jobs/run-spec.ts'
import type { RunOrder, RunStore } from '../jobs/run-store.ts'
import type { Registrar } from './registrar.ts'

const REQUESTED = 1n
const ACCEPTED = 2n
const DELIVERED = 3n
const POLL_MS = 2_000
const RANGE_BLOCKS = 10_000
/** A delivery needs so many times the estimate until its deadline, and a minute. */
const SPARE = 3
const LEAST_SECONDS = 60n

export type OrderBookPlace = {
  deployment: Deployment
  signer: Signer
  contentStore: ContentStore
  store: RunStore
  registrar: Registrar
  /** Puts a run that was just stored into the queue. */
  enqueue: (run: string) => Promise<void>
  subgraphUrl: string
  contentUrl: string
  weiPerMillionTokens: bigint
  log: Log
}

type Order = { number: bigint; transaction: string; requester: string; terms: Terms }
type Terms = {
  baseModelId: `0x${string}`
  sources: readonly { datanetId: `0x${string}`; asOfBlock: bigint }[]
  recipeDigest: Digest
  budgetWei: bigint
  minStakeWei: bigint
  penaltyWei: bigint
  deadline: bigint
  modelOwner: bigint
}

export class OrderBook {
  readonly #place: OrderBookPlace
  readonly #jobs: Contract
  /** Orders that are neither taken up nor declined yet. */
  readonly #open = new Map<bigint, Order>()
  #next: number

  constructor(place: OrderBookPlace) {
    this.#place = place
    this.#jobs = contractOf(place.deployment, 'TrainingJobs', place.signer)
    this.#next = place.deployment.startBlock
  }

  /** Looks at the chain every two seconds until `ending` is aborted. */
  async follow(ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      try {
        await this.look(ending)
      } catch (error) {
        if (ending.aborted) return
        this.#place.log.warn('the order book could not be read', { reason: String(error).slice(0, 300) })
      }
      await new Promise((done) => setTimeout(done, POLL_MS))
    }
  }

  /** One look: new orders, and money that is due. */
  async look(ending?: AbortSignal): Promise<void> {
    const head = await this.#place.signer.provider!.getBlockNumber()
    for (; this.#next <= head; this.#next = Math.min(this.#next + RANGE_BLOCKS, head + 1)) {
      const last = Math.min(this.#next + RANGE_BLOCKS - 1, head)
      for (const event of await this.#jobs.queryFilter('JobRequested', this.#next, last)) this.#add(event as EventLog)
    }
    for (const order of [...this.#open.values()]) {
      try {
        if (await this.#consider(order, ending)) this.#open.delete(order.number)
      } catch (error) {
        if (ending?.aborted) return
        const isPassing = error instanceof OpenLedgerError && error.retryable
        this.#place.log.warn('an order is not taken up', {
          job: order.number,
          reason: error instanceof OpenLedgerError ? error.code : String(error).slice(0, 300),
        })
        if (!isPassing) this.#open.delete(order.number)
      }
    }
    await this.#collect()
  }

  #add({ args, transactionHash }: EventLog): void {
    this.#open.set(args.jobId, {
      number: args.jobId,
      transaction: transactionHash,
      requester: String(args.requester).toLowerCase(),
      terms: args.terms,
    })
  }

  /** @returns whether there is nothing more to look at */
  async #consider(order: Order, ending?: AbortSignal): Promise<boolean> {
    const { registrar, signer, store } = this.#place
    const { agentId, status } = await this.#jobs.getFunction('jobOf')(order.number)
    const agent = await registrar.agent()
    if (agent === null) return false
    if (status === ACCEPTED && agentId === agent.id) {
      await this.#begin(order, await this.#specOf(order.terms))
      return true
    }
    if (status !== REQUESTED) return true
    const { deadline, minStakeWei, penaltyWei, budgetWei } = order.terms
    if (agent.activeWei < minStakeWei || agent.activeWei < penaltyWei) throw declined('its terms ask for more stake')
    const spec = await this.#specOf(order.terms)
    const { subgraphUrl, contentUrl, weiPerMillionTokens } = this.#place
    const place = { subgraphUrl, contentUrl, weiPerMillionTokens: weiPerMillionTokens.toString() }
    const { estimate, problems } = await preflightInProcess({ spec, ...place }, ending)
    if (problems[0] !== undefined) throw declined(problems[0].message)
    if (BigInt(estimate.priceWei) > budgetWei) throw declined('its budget is below the price')
    const now = BigInt((await signer.provider!.getBlock('latest'))!.timestamp)
    if (now + LEAST_SECONDS + BigInt(estimate.seconds * SPARE) > deadline) throw declined('its deadline is too near')
    await registrar.alone(() => send(this.#jobs, 'accept', order.number, agent.id))
    await this.#begin(order, spec)
    this.#place.log.info('an order is accepted', { job: order.number, runs: await store.countWaiting() })
    return true
  }

  async #begin(order: Order, spec: RunSpec): Promise<void> {
    const { enqueue, store } = this.#place
    const taken: RunOrder = {
      number: order.number.toString(),
      transaction: order.transaction,
      requester: order.requester,
      modelOwner: order.terms.modelOwner === 0n ? 'requester' : 'trainer',
    }
    const { run, isNew } = await store.create(spec, String(spec.recipe.kind ?? 'lora'), taken)
    if (isNew) await enqueue(run.id)
  }

  async #specOf({ baseModelId, recipeDigest, sources }: Terms): Promise<RunSpec> {
    const bytes = await this.#place.contentStore.get(cidOfDigest(recipeDigest))
    const { kind: _, ...ordered } = parseManifest(OrderedRecipe, bytes, 'ordered recipe')
    return readRunSpec({
      ...ordered,
      baseModel: baseModelId,
      datanets: sources.map(({ datanetId, asOfBlock }) => ({ id: datanetId, asOfBlock: Number(asOfBlock) })),
    })
  }

  /** Ends what was delivered and not disputed within its review. */
  async #collect(): Promise<void> {
    const { log, registrar, signer, store } = this.#place
    const waiting = await store.unsettled()
    if (waiting.length === 0) return
    const now = BigInt((await signer.provider!.getBlock('latest'))!.timestamp)
    for (const { id, order } of waiting) {
      const { actedAt, reviewTime, status } = await this.#jobs.getFunction('jobOf')(order!.number)
      if (status === DELIVERED && now < actedAt + reviewTime) continue
      if (status === DELIVERED) {
        await registrar.alone(() => send(this.#jobs, 'finalise', order!.number))
        log.info('an order is paid', { job: order!.number })
      }
      if (status >= DELIVERED) await store.settled(id)
    }
  }
}

function declined(why: string): TrainingError {
  return new TrainingError('training.order_declined', `The order is declined: ${why}.`, {
    nextStep: 'Order again with other terms; the budget of this one can be taken back.',
  })
}
