import { OpenLedgerError } from '@openledger/protocol'
import { JsonRpcProvider, type Provider, type Signer, type TransactionReceipt } from 'ethers'
import { type Call, type CallCost, estimateCalls, sendCalls } from './calls.ts'
import {
  attestContribution,
  type NewContribution,
  type PreparedContribution,
  prepareContribution,
  storeContribution,
} from './contributions.ts'
import { type DatanetTerms, prepareDatanet, storeDatanet, validateCall } from './datanets.ts'
import { explain } from './explain.ts'
import { lockVotesCalls, proposeCall, type Vote, voteCall } from './governance.ts'
import { ask as askApi, type Query } from './graphql.ts'
import { inferenceDomainOf, type Network, readNetwork } from './network.ts'
import { PayingClient } from './paying-client.ts'
import { depositCalls, type PayerAccount, payerAccount, thawCall, withdrawCall } from './payments.ts'
import type { AnswerRow, RewardsRow } from './queries.ts'
import { claimCall, readRewards } from './rewards.ts'
import { type StakeAccount, sharesFor, stakeAccount, stakeCalls, unstakeCall, withdrawStakeCall } from './staking.ts'
import { type JobTerms, requestTrainingCalls } from './training-jobs.ts'
import { type Verification, verifyAnswer, verifyClaim } from './verify.ts'

/**
 * OpenLedger for programs, in a browser and in Node.
 *
 *   const openledger = await OpenLedger.connect('https://api.example', { signer })
 *   const answer = await openledger.ask({ model: 'readme', prompt: 'A stream is', maxPriceWei: parseOpen('1') })
 *   const findings = await openledger.verify(answer.attribution.receipt)
 *
 * What only reads needs no signer. What sends a transaction returns when it is mined; the functions that prepare calls
 * without sending them are exported beside this class.
 */
export class OpenLedger {
  readonly network: Network
  readonly provider: Provider
  readonly #signer: Signer | undefined
  readonly #clients = new Map<string, PayingClient>()

  constructor(network: Network, options: OpenLedger.Options = {}) {
    this.network = network
    this.provider =
      options.provider ??
      new JsonRpcProvider(network.urls.rpc, network.chainId, { staticNetwork: true, cacheTimeout: -1 })
    this.#signer = options.signer?.provider === null ? options.signer.connect(this.provider) : options.signer
  }

  /** Asks the api where everything is. @throws network.unreachable, network.incomplete */
  static async connect(
    apiUrl: string,
    { urls, ...options }: OpenLedger.Options & { urls?: Partial<Network.Urls> } = {},
  ): Promise<OpenLedger> {
    return new OpenLedger(await readNetwork(apiUrl, urls), options)
  }

  /** Asks the api anything, with the types that the query says. */
  query<Variables extends object, Data>(query: Query<Variables, Data>, variables: Variables): Promise<Data> {
    return askApi(this.network, query, variables)
  }

  /**
   * Asks a model and pays for the answer by voucher from the signer's deposit; the receipt is checked.
   * @param request with `prompt`, or with `messages` as the OpenAI API takes them
   * @throws client.too_dear above `maxPriceWei`; client.node_refused with escrow.insufficient without a deposit
   */
  ask(request: OpenLedger.Question, onText?: (text: string) => void): Promise<PayingClient.Answer> {
    const { maxPriceWei, ...body } = request
    const client = this.payingClient(maxPriceWei)
    return 'messages' in body ? client.chat(body, onText) : client.complete(body, onText)
  }

  /** The official openai client on this network's node, which pays; as dear as `maxPriceWei` a request. */
  payingClient(maxPriceWei?: bigint): PayingClient {
    // One for each limit, and kept: a client knows how far its vouchers went.
    const key = String(maxPriceWei)
    const known = this.#clients.get(key)
    if (known !== undefined) return known
    const client = new PayingClient({
      signer: this.signer,
      domain: inferenceDomainOf(this.network),
      nodeUrl: this.network.urls.inference,
      ...(maxPriceWei === undefined ? {} : { maxPriceWei }),
    })
    this.#clients.set(key, client)
    return client
  }

  /** Why an answer says what it says, as index and engine state it. */
  explain(receiptHash: string, first?: number): Promise<AnswerRow> {
    return explain(this.network, receiptHash, first)
  }

  /** Follows an answer (by receipt hash), or a claim, to the root on chain, believing nobody. */
  verify(subject: string | Parameters<typeof verifyClaim>[2]): Promise<Verification> {
    return typeof subject === 'string'
      ? verifyAnswer(this.network, this.provider, subject)
      : verifyClaim(this.network, this.provider, subject)
  }

  async createDatanet(terms: DatanetTerms): Promise<{ id: string; receipt: TransactionReceipt }> {
    const prepared = await prepareDatanet(this.network, this.provider, await this.address(), terms)
    await storeDatanet(this.network, prepared)
    const [receipt] = await this.send([prepared.call])
    return { id: prepared.id, receipt: receipt! }
  }

  /** Stores the records and states the registry's RIGHTS_STATEMENT about them by sending the transaction. */
  async contribute(
    contribution: Omit<NewContribution, 'contributor'>,
    onStored?: (stored: number, all: number) => void,
  ): Promise<{ prepared: PreparedContribution; receipt: TransactionReceipt }> {
    const prepared = prepareContribution(this.network, { ...contribution, contributor: await this.address() })
    await storeContribution(this.network, prepared, onStored)
    const [receipt] = await this.send([prepared.call])
    return { prepared, receipt: receipt! }
  }

  /** The signer's attestation of a contribution, so that somebody else can send it and pay the gas. */
  attest(prepared: PreparedContribution, deadline: number): Promise<{ signature: string; call: Call }> {
    return attestContribution(this.network, this.signer, prepared, deadline)
  }

  validate(vote: Parameters<typeof validateCall>[1]): Promise<TransactionReceipt[]> {
    return this.send([validateCall(this.network, vote)])
  }

  rewards(account: string): Promise<RewardsRow> {
    return readRewards(this.network, account)
  }

  /** Pays an account, the signer's own unless told otherwise, what the newest live root grants it. @throws claim.nothing */
  async claim(account?: string): Promise<TransactionReceipt> {
    const rewards = await this.rewards(account ?? (await this.address()))
    const [receipt] = await this.send([claimCall(this.network, rewards)])
    return receipt!
  }

  /** Prepaid balance: what `ask` pays from. */
  readonly pay = {
    deposit: async (amountWei: bigint) => this.send(depositCalls(this.network, await this.address(), amountWei)),
    thaw: (amountWei: bigint) => this.send([thawCall(this.network, amountWei)]),
    withdraw: async () => this.send([withdrawCall(this.network, await this.address())]),
    account: async (payer?: string): Promise<PayerAccount> =>
      payerAccount(this.network, this.provider, payer ?? (await this.address())),
  }

  /** Stake on an agent's or a model's pool. */
  readonly stake = {
    deposit: async (poolId: string, amountWei: bigint) =>
      this.send(stakeCalls(this.network, poolId, await this.address(), amountWei)),
    thaw: async (poolId: string, amountWei: bigint) => {
      const account = await this.stake.account(poolId)
      return this.send([unstakeCall(this.network, poolId, sharesFor(account, amountWei))])
    },
    withdraw: async (poolId: string) => this.send([withdrawStakeCall(this.network, poolId, await this.address())]),
    account: async (poolId: string, staker?: string): Promise<StakeAccount> =>
      stakeAccount(this.network, this.provider, poolId, staker ?? (await this.address())),
  }

  /** Locks OPEN as voting power of the signer. */
  async lockVotes(amountWei: bigint): Promise<TransactionReceipt[]> {
    return this.send(lockVotesCalls(this.network, await this.address(), amountWei))
  }

  propose(actions: Parameters<typeof proposeCall>[1], description: string): Promise<TransactionReceipt[]> {
    return this.send([proposeCall(this.network, actions, description)])
  }

  vote(proposalId: string, vote: Vote, reason?: string): Promise<TransactionReceipt[]> {
    return this.send([voteCall(this.network, proposalId, vote, reason)])
  }

  /** Orders training from staked agents, with the budget in escrow. */
  train(terms: JobTerms): Promise<TransactionReceipt[]> {
    return this.send(requestTrainingCalls(this.network, terms))
  }

  /** Sends prepared calls one after the other. */
  send(calls: readonly Call[], onMined?: Parameters<typeof sendCalls>[3]): Promise<TransactionReceipt[]> {
    return sendCalls(this.network, this.signer, calls, onMined)
  }

  /** What prepared calls would cost the signer. */
  async estimate(calls: readonly Call[]): Promise<CallCost[]> {
    return estimateCalls(this.provider, await this.address(), calls)
  }

  /** @throws signer.missing */
  get signer(): Signer {
    if (this.#signer !== undefined) return this.#signer
    throw new OpenLedgerError('signer.missing', 'This needs somebody’s signature, and no signer was given.', {
      nextStep: 'Give `signer`, an ethers Signer, to the constructor or to `connect`.',
    })
  }

  address(): Promise<string> {
    return this.signer.getAddress()
  }

  /** Ends the connection to the chain. */
  close(): void {
    this.provider.destroy()
  }
}

export declare namespace OpenLedger {
  type Options = {
    /** Who signs and pays; any ethers Signer. What only reads needs none. */
    signer?: Signer
    /** The chain; asked at the network's `rpc` unless given. */
    provider?: Provider
  }
  type Question = (Parameters<PayingClient['complete']>[0] | Parameters<PayingClient['chat']>[0]) & {
    /** The most that this request may cost, in wei of OPEN. */
    maxPriceWei?: bigint
  }
}
