/** Puts what a run trained on chain: the model, its evaluations, the delivery of an order. Each step asks first whether it was done. */
import { type Digest, digestOfCid } from '@openledger/protocol'
import type { Log } from '@openledger/protocol/service'
import { contractOf, send } from '@openledger/sdk'
import { encodeBytes32String, type Signer } from 'ethers'
import type { TrainedRun } from '../jobs/job-process.ts'
import type { Run } from '../jobs/run-store.ts'
import { registerAdapter } from '../register-model.ts'
import { ensureAgent, type Network, type TrainerAgent } from './agent.ts'

/** Of the contract's enum. */
const ACCEPTED = 2n
const MILLION = 1e6

export class Registrar {
  readonly #deployment: Network
  readonly #signer: Signer
  readonly #stakeWei: bigint
  readonly #log: Log
  #last: Promise<unknown> = Promise.resolve()
  #agent: TrainerAgent | null = null

  /** @param signer whose nonces nobody else uses */
  constructor(deployment: Network, signer: Signer, stakeWei: bigint, log: Log) {
    this.#deployment = deployment
    this.#signer = signer
    this.#stakeWei = stakeWei
    this.#log = log
  }

  /** Runs one thing that sends after the other: one account's transactions have one order. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work)
    this.#last = result.catch(() => undefined)
    return result
  }

  /** Null while the account has neither an agent nor the OPEN to make one. */
  async agent(): Promise<TrainerAgent | null> {
    if (this.#agent !== null && this.#agent.activeWei >= this.#stakeWei) return this.#agent
    this.#agent = await this.alone(() => ensureAgent(this.#deployment, this.#signer, this.#stakeWei))
    return this.#agent
  }

  async register(
    run: Pick<Run, 'order' | 'spec'>,
    outcome: TrainedRun,
  ): Promise<{ modelId: `0x${string}`; evaluationIds: string[] }> {
    const agent = await this.agent()
    return this.alone(async () => {
      const registry = { address: this.#deployment.contracts.LineageRegistry.address, signer: this.#signer }
      const modelId = await registerAdapter(registry, outcome.trained, { royaltyPpm: run.spec.royaltyPpm })
      const evaluationIds = agent === null ? [] : await this.#evaluate(modelId, outcome, agent)
      if (run.order !== null) await this.#deliver(run, modelId, outcome)
      return { modelId, evaluationIds }
    })
  }

  /** Loss and perplexity of the adapter, each with the report's digest, where the agent's stake suffices. */
  async #evaluate(modelId: string, { evaluation }: TrainedRun, agent: TrainerAgent): Promise<string[]> {
    const evaluations = contractOf(this.#deployment, 'Evaluations', this.#signer)
    if (agent.activeWei < ((await evaluations.getFunction('minStakeWei')()) as bigint)) {
      this.#log.warn('an evaluation is not recorded: the agent has too little stake', { model: modelId })
      return []
    }
    const { loss, perplexity, dataDigest } = evaluation.report
    const ids: string[] = []
    for (const [name, value] of [
      ['loss', loss.adapter],
      ['perplexity', perplexity.adapter],
    ] as const) {
      const measured = {
        modelId,
        reportDigest: evaluation.reportDigest,
        dataDigest,
        metric: encodeBytes32String(name),
        valueE6: BigInt(Math.round(value * MILLION)),
      }
      const sender = await this.#signer.getAddress()
      const id = (await evaluations.getFunction('evaluationIdOf')(sender, agent.id, measured)) as string
      const { recordedAt } = await evaluations.getFunction('recordOf')(id)
      if (recordedAt === 0n) await send(evaluations, 'record', agent.id, measured)
      ids.push(id)
    }
    return ids
  }

  async #deliver({ order }: Pick<Run, 'order'>, modelId: string, { trained, evaluation }: TrainedRun): Promise<void> {
    const jobs = contractOf(this.#deployment, 'TrainingJobs', this.#signer)
    const { number, requester, modelOwner } = order!
    if ((await jobs.getFunction('jobOf')(number)).status !== ACCEPTED) return
    const registry = contractOf(this.#deployment, 'LineageRegistry', this.#signer)
    const owner = (await registry.getFunction('ownerOf')(modelId)) as string
    if (modelOwner === 'requester' && owner.toLowerCase() !== requester)
      await send(registry, 'transfer', modelId, requester)
    await send(jobs, 'deliver', number, {
      modelId,
      evaluationDigest: evaluation.reportDigest,
      artefactDigests: artefactsOf(trained),
    })
  }
}

/** The manifest and its files, each once. */
function artefactsOf({ artefactDigest, files }: TrainedRun['trained']): Digest[] {
  return [...new Set([artefactDigest, ...Object.values(files).map(digestOfCid)])]
}
