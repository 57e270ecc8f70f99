import type { ContentStore } from '@openledger/content-store'
import type { LineageStore } from '@openledger/lineage-store'
import { type Deployment, type Evidence, inferenceDomain, OpenLedgerError } from '@openledger/protocol'
import type { Provider, Wallet } from 'ethers'
import type { Contracts } from '../chain/contracts.ts'
import { sendTransaction } from '../chain/send-transaction.ts'
import { type BuildEpoch, buildEpoch, contributorsWei } from './build-epoch.ts'
import type { EpochArchive } from './epoch-archive.ts'
import type { FactsSource } from './facts.ts'
import type { Journal } from './journal.ts'
import { proposeEpoch } from './propose-epoch.ts'
import type { PayableAnswer } from './read-answers.ts'

/**
 * Closes epochs, one at a time: reads what was settled up to the newest block that is final and indexed, computes who is
 * owed what, publishes it and proposes its root; later takes the bond back.
 */
export class EpochCloser {
  readonly #stages: EpochCloser.Stages
  #turn: Promise<unknown> = Promise.resolve()

  constructor(stages: EpochCloser.Stages) {
    this.#stages = stages
  }

  /** Goes as far as can be gone now. Doing it again goes on from there, or does nothing. */
  close(): Promise<EpochCloser.Outcome> {
    const result = this.#turn.then(() => this.#close())
    this.#turn = result.catch(() => {})
    return result
  }

  /** Takes back the bonds of own roots that are live. @returns their numbers */
  async releaseBonds(): Promise<number[]> {
    const { archive, contracts, signer } = this.#stages
    const released: number[] = []
    for (let epoch = await archive.newestLive(); epoch !== null; ) {
      if (epoch.bondReleased) break // older ones were released before it, or are not ours
      if (epoch.proposer === signer.address.toLowerCase()) {
        await sendTransaction(signer, await contracts.court.releaseBond!.populateTransaction(epoch.number))
        released.push(epoch.number)
      }
      epoch = epoch.parent === 0 ? null : await archive.epoch(epoch.parent)
    }
    return released
  }

  async #close(): Promise<EpochCloser.Outcome> {
    const { archive, journal, contentStore, signer, contracts } = this.#stages
    const latest = await archive.latest()
    if (latest !== null && latest.state !== 'live') {
      return { kind: 'waiting', epoch: latest.number, state: latest.state, opensAt: latest.opensAt }
    }
    const number = await archive.nextNumber()
    const epoch = (await this.#resume(number, latest)) ?? (await this.#build(number, latest))
    if (epoch === null) return { kind: 'nothing-to-pay' }
    const { manifest } = epoch
    await contentStore.putJson(manifest)
    await journal.keepShares(epoch.cid, manifest)
    const kept = await journal.proposal(number)
    if (kept?.manifest !== epoch.cid) {
      await journal.keepProposal({ epoch: number, manifest: epoch.cid, signedTransaction: null })
    }
    const receipt = await proposeEpoch(epoch, signer, contracts, journal)
    return {
      kind: 'proposed',
      epoch: number,
      root: manifest.root,
      manifest: epoch.cid,
      totalWei: BigInt(manifest.totalWei),
      transactionHash: receipt.hash,
    }
  }

  /** What an earlier run computed for this number, if the chain still says what it said then. */
  async #resume(number: number, latest: EpochArchive.Epoch | null) {
    const { journal, archive, provider } = this.#stages
    const kept = await journal.proposal(number)
    if (kept === null) return null
    try {
      const { manifest } = await archive.read(kept.manifest)
      const block = await provider.getBlock(manifest.toBlock)
      const stands = block?.hash === manifest.blockHash && manifest.parent === (latest?.manifestCid ?? null)
      return stands && manifest.number === number ? { manifest, cid: kept.manifest } : null
    } catch (error) {
      if (error instanceof OpenLedgerError && error.code === 'content.missing') return null // killed before it was published
      throw error
    }
  }

  async #build(number: number, latest: EpochArchive.Epoch | null): Promise<BuildEpoch.Epoch | null> {
    const { archive, provider, lineage, facts, deployment, contracts, contentStore, evidenceFor } = this.#stages
    const finalized = await provider.getBlock('finalized')
    const indexed = await lineage.sync()
    const toBlock = Math.min(finalized?.number ?? 0, indexed.number)
    const fromBlock = latest === null ? deployment.startBlock : latest.toBlock + 1
    if (toBlock < fromBlock) return null
    const found = await facts.read(fromBlock, toBlock)
    if (contributorsWei(found) === 0n) return null
    const block = await provider.getBlock(toBlock)
    const escrow = deployment.contracts.InferenceEscrow!.address
    return buildEpoch({
      facts: found,
      evidenceFor,
      contentStore,
      domain: inferenceDomain(deployment.chainId, escrow),
      number,
      fromBlock,
      toBlock,
      blockHash: block!.hash as `0x${string}`,
      reserveAccount: String(await contracts.escrow.TREASURY!()).toLowerCase() as `0x${string}`,
      previous:
        latest === null
          ? null
          : { manifest: latest.manifestCid, amounts: (await archive.manifest(latest)).tree.amounts() },
    })
  }
}

export declare namespace EpochCloser {
  type Stages = {
    provider: Provider
    deployment: Deployment
    lineage: Pick<LineageStore, 'sync'>
    facts: FactsSource
    evidenceFor: (answer: PayableAnswer) => Promise<Evidence>
    contentStore: Pick<ContentStore, 'get' | 'putJson'>
    archive: EpochArchive
    journal: Journal
    contracts: Contracts
    signer: Wallet
  }
  type Outcome =
    | { kind: 'nothing-to-pay' }
    | { kind: 'waiting'; epoch: number; state: 'pending' | 'challenged' | 'rejected'; opensAt: number | null }
    | {
        kind: 'proposed'
        epoch: number
        root: string
        manifest: string
        totalWei: bigint
        transactionHash: string
      }
}
