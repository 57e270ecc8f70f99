import { inferenceDomain, rewardWord, signVoucher } from '@openledger/protocol'
import { concat, id, keccak256, parseEther, Wallet, ZeroHash } from 'ethers'
import { Dice } from './dice.ts'
import type { Traffic } from './traffic.ts'

/** What a run of the platform consists of. Everything is drawn from `SEED`, so that every run makes the same events. */
const SEED = 6
export const ROUNDS = 90
const BLOCKS_A_ROUND = 4
/** How often each thing happens in a round. What follows it is what it emits. */
export const A_ROUND = {
  transfers: 170, // Transfer
  batches: 8, // ReceiptsAnchored, then for each model Settled by each payer and Divided
  deposits: 25, // Transfer, Deposited
  contributions: 50, // Contributed
  stakes: 15, // Transfer, Staked
  claims: 20, // Transfer, Claimed
  feedbacks: 30, // NewFeedback
  evaluations: 10, // EvaluationRecorded
  delegations: 5, // Transfer, Transfer of votes, DelegateChanged, DelegateVotesChanged twice
}
const MODELS_A_BATCH = 2
const PAYERS_A_MODEL = 12
const ROUNDS_AN_EPOCH = 10
const PEOPLE = 2_000
const CONTRIBUTORS = 200
const PAYERS = 120
const NODES = 4
const DATANETS = 12
const ADAPTERS = 24
const AGENTS = 40
/** Words of a rewards tree: ids in its first half, addresses in its second. */
const WORDS = 512
const WORDS_CREDITED = 64
const ONE_OPEN = parseEther('1')
const MANY = 2n ** 127n
/** Seconds of 2286: vouchers do not expire. */
const EXPIRES_AT = '9999999999'

/** Who takes part. Nobody but payers signs anything, so only they have keys. */
const people = named('person', PEOPLE)
const contributors = named('contributor', CONTRIBUTORS)
const nodes = named('node', NODES)
const modelOwners = named('model owner', 6)
const holders = named('holder of a reward id', WORDS / 2)
const earners = named('earner', WORDS / 2).sort()
const agentOwners = named('agent owner', AGENTS)
const payers = Array.from({ length: PAYERS }, (_, i) => new Wallet(id(`payer ${i}`)))
const evaluator = named('evaluator', 1)[0]!

/**
 * Lets the platform run: people pay each other, contribute, ask models, earn, claim, stake, vote and judge, in the
 * proportions of `A_ROUND`. Who acts is skewed, as people are: few do most.
 */
export async function run(traffic: Traffic): Promise<void> {
  const platform = new Platform(traffic)
  await platform.open()
  for (let round = 0; round < ROUNDS; round++) await platform.play(round)
}

class Platform {
  readonly #traffic: Traffic
  readonly #dice = new Dice(SEED)
  readonly #datanets: string[] = []
  readonly #adapters: string[] = []
  #base = ''
  /** By node: sequence of its next receipt. */
  readonly #sequences = new Map<string, number>()
  /** By payer, node and model. */
  readonly #channels = new Map<string, Channel>()
  /** What each word of the rewards tree grants so far. */
  readonly #granted = Array.from({ length: WORDS }, () => 0n)
  #tree: Tree | undefined
  #claimed = 0
  #credited = 0
  #count = 0

  constructor(traffic: Traffic) {
    this.#traffic = traffic
  }

  /** Money for everybody, Datanets, models, agents and offices. */
  async open(): Promise<void> {
    const { founder, proposer, governance } = this.#traffic.roles
    const addresses = payers.map(({ address }) => address)
    for (const address of [
      ...people,
      ...contributors,
      ...nodes,
      ...modelOwners,
      ...agentOwners,
      proposer,
      ...addresses,
    ])
      this.#call(founder, 'OpenToken', 'transfer', address, 10_000n * ONE_OPEN)
    await this.#mine()
    for (const payer of addresses) this.#call(payer, 'OpenToken', 'approve', this.#at('InferenceEscrow'), MANY)
    for (const person of people) {
      this.#call(person, 'OpenToken', 'approve', this.#at('AgentStaking'), MANY)
      this.#call(person, 'OpenToken', 'approve', this.#at('GovernanceOpen'), MANY)
    }
    this.#call(founder, 'OpenToken', 'approve', this.#at('RewardDistributor'), MANY)
    this.#call(proposer, 'OpenToken', 'approve', this.#at('RootCourt'), MANY)
    this.#call(governance, 'Evaluations', 'setEvaluator', evaluator, true)
    for (const holder of holders) this.#call(holder, 'RewardDistributor', 'register')
    for (const [i, owner] of agentOwners.entries())
      this.#call(owner, 'AgentRegistry', 'register(string)', `https://agents.example/${i}.json`)
    await this.#mine()
    for (const payer of addresses) this.#call(payer, 'InferenceEscrow', 'deposit', payer, 5_000n * ONE_OPEN)
    this.#call(founder, 'RewardDistributor', 'fund', 1_000_000n * ONE_OPEN, id('benchmark'))

    for (let i = 0; i < DATANETS; i++) {
      const terms = [`Datanet ${i}`, i % 4, 3, 10_000, 'Apache-2.0', id(`description ${i}`), false]
      const owner = this.#some(people)
      this.#datanets.push(await this.#create(owner, 'datanetIdOf', 'createDatanet', terms))
    }
    this.#base = await this.#register(modelOwners[0]!, 'base', [])
    await this.#mine()
    for (let i = 0; i < ADAPTERS; i++) await this.#addAdapter()
    await this.#mine()
  }

  /** A few blocks of everything. What one block needs of another's doing was done in a block before. */
  async play(round: number): Promise<void> {
    if (round % ROUNDS_AN_EPOCH === 0) await this.#propose()
    if (round % ROUNDS_AN_EPOCH === 5) await this.#addAdapter()
    const acts: (() => Promise<void> | void)[] = [
      ...times(A_ROUND.transfers, () => this.#pay()),
      ...times(A_ROUND.batches, () => this.#settle()),
      ...times(A_ROUND.deposits, () => this.#deposit()),
      ...times(A_ROUND.contributions, () => this.#contribute()),
      ...times(A_ROUND.stakes, () => this.#stake()),
      ...times(A_ROUND.claims, () => this.#claim()),
      ...times(A_ROUND.feedbacks, () => this.#judgeAgent()),
      ...times(A_ROUND.evaluations, () => this.#evaluate()),
      ...times(A_ROUND.delegations, () => this.#delegate()),
    ]
    this.#dice.shuffle(acts)
    const perBlock = Math.ceil(acts.length / BLOCKS_A_ROUND)
    for (const [i, act] of acts.entries()) {
      await act()
      if ((i + 1) % perBlock === 0) await this.#mine()
    }
    await this.#mine()
  }

  #pay(): void {
    const [from, to] = [this.#some(people), this.#some(people)]
    if (from !== to) this.#call(from, 'OpenToken', 'transfer', to, this.#openUpTo(1))
  }

  async #settle(): Promise<void> {
    const node = nodes[this.#dice.below(NODES)]!
    const models: unknown[] = []
    let totalWei = 0n
    for (const modelId of this.#dice.draw(this.#adapters, MODELS_A_BATCH)) {
      const settlements: unknown[] = []
      for (const payer of this.#dice.draw(payers, PAYERS_A_MODEL)) {
        const amountWei = this.#openUpTo(0.1)
        const channel = await this.#channel(payer, node, modelId)
        channel.spentWei += amountWei
        totalWei += amountWei
        settlements.push([payer.address, MANY, EXPIRES_AT, channel.spentWei, channel.signature])
      }
      models.push([modelId, settlements])
    }
    const firstSequence = this.#sequences.get(node) ?? 0
    const receiptCount = 5 * MODELS_A_BATCH * PAYERS_A_MODEL
    this.#sequences.set(node, firstSequence + receiptCount)
    const receipts = [this.#digest(), this.#digest(), receiptCount, firstSequence, this.#digest(), totalWei]
    this.#call(node, 'InferenceEscrow', 'settle', models, receipts)
  }

  /** A voucher says up to how much; one without an end serves a channel all along. */
  async #channel(payer: Wallet, node: string, modelId: string): Promise<Channel> {
    const name = payer.address + node + modelId
    let channel = this.#channels.get(name)
    if (channel === undefined) {
      const domain = inferenceDomain(this.#traffic.chainId, this.#at('InferenceEscrow') as `0x${string}`)
      const voucher = {
        payer: payer.address.toLowerCase(),
        node,
        modelId,
        cumulativeWei: `${MANY}`,
        expiresAt: EXPIRES_AT,
      }
      const { signature } = await signVoucher(payer, domain, voucher as Parameters<typeof signVoucher>[2])
      channel = { spentWei: 0n, signature }
      this.#channels.set(name, channel)
    }
    return channel
  }

  #deposit(): void {
    const payer = this.#some(payers).address
    this.#call(payer, 'InferenceEscrow', 'deposit', payer, this.#openUpTo(5))
  }

  #contribute(): void {
    const recordCount = 1 + this.#dice.below(1_000)
    const batch = [this.#digest(), this.#digest(), recordCount, recordCount * 4_321, 'Apache-2.0']
    this.#call(this.#some(contributors), 'LineageRegistry', 'contributeRecords', this.#some(this.#datanets), ...batch)
  }

  #stake(): void {
    const staker = this.#some(people)
    const poolId = this.#dice.below(2) === 0 ? this.#some(this.#adapters) : wordOf(1 + this.#dice.below(AGENTS))
    this.#call(staker, 'AgentStaking', 'stake', poolId, staker, this.#openUpTo(10))
  }

  /** Addresses claim one by one; ids are credited a subtree at a time. */
  #claim(): void {
    const tree = this.#tree!
    const first = WORDS / 2
    if (this.#claimed < earners.length) {
      const index = first + this.#claimed++
      this.#call(this.#some(people), 'RewardDistributor', 'claim', tree.words[index], index, tree.proof(index, 0))
    } else if (this.#credited < first / WORDS_CREDITED) {
      const index = this.#credited++
      const words = tree.words.slice(index * WORDS_CREDITED, (index + 1) * WORDS_CREDITED)
      const proof = tree.proof(index, Math.log2(WORDS_CREDITED))
      this.#call(this.#some(people), 'RewardDistributor', 'creditSubtree', words, index, proof)
    }
  }

  #judgeAgent(): void {
    const said = [1 + this.#dice.below(AGENTS), this.#dice.below(100), 0, 'quality', 'answer', '', '', this.#digest()]
    this.#call(this.#some(people), 'AgentReputation', 'giveFeedback', ...said)
  }

  #evaluate(): void {
    const metric = `0x${Buffer.from('perplexity').toString('hex').padEnd(64, '0')}`
    const evaluation = [
      this.#some(this.#adapters),
      this.#digest(),
      this.#digest(),
      metric,
      this.#dice.below(50_000_000),
    ]
    this.#call(evaluator, 'Evaluations', 'recordAsEvaluator', evaluation)
  }

  #delegate(): void {
    const voter = this.#some(people)
    this.#call(voter, 'GovernanceOpen', 'depositFor', voter, this.#openUpTo(5))
    this.#call(voter, 'GovernanceOpen', 'delegate', this.#some(people))
  }

  async #addAdapter(): Promise<void> {
    const asOfBlock = await this.#traffic.blockNumber()
    const datanets = this.#dice.draw(this.#datanets, 2).sort() // the registry wants them to ascend
    const sources = datanets.map((datanet) => [datanet, asOfBlock])
    const owner = this.#some(modelOwners)
    const adapter = await this.#register(owner, 'adapter', [[this.#base, 0], ...sources])
    this.#adapters.push(adapter)
    await this.#mine()
    this.#call(this.#traffic.roles.attester, 'LineageRegistry', 'publishFeatures', adapter, this.#digest())
  }

  async #register(owner: string, kind: 'base' | 'adapter', parents: unknown[]): Promise<string> {
    const terms = [kind === 'base' ? 1 : 2, `${kind} ${this.#count}`, 3, 20_000, 'Apache-2.0', this.#digest()]
    const trainingRoot = kind === 'base' ? ZeroHash : this.#digest()
    return this.#create(owner, 'modelIdOf', 'registerModel', [...terms, trainingRoot, parents])
  }

  async #create(owner: string, idOf: string, method: string, terms: unknown[]): Promise<string> {
    this.#call(owner, 'LineageRegistry', method, terms)
    return this.#traffic.ask('LineageRegistry', idOf, owner, terms)
  }

  /** A new root over what everybody has earned by now, and a block in which it opens. */
  async #propose(): Promise<void> {
    for (let i = 0; i < WORDS; i++) this.#granted[i]! += this.#openUpTo(5)
    const keys = [...holders.map((_, i) => `0x${(i + 1).toString(16).padStart(40, '0')}`), ...earners]
    this.#tree = new Tree(keys.map((key, i) => rewardWord(key, this.#granted[i]!)))
    this.#claimed = 0
    this.#credited = 0
    const totalWei = this.#granted.reduce((sum, wei) => sum + wei, 0n)
    const toBlock = (await this.#traffic.blockNumber()) - 1
    const proposal = [this.#tree.root, this.#digest(), this.#digest(), totalWei, toBlock, this.#digest()]
    this.#call(this.#traffic.roles.proposer, 'RootCourt', 'propose', proposal)
    await this.#mine()
  }

  #call(from: string, contract: Parameters<Traffic['call']>[1], method: string, ...parameters: unknown[]): void {
    this.#traffic.call(from, contract, method, ...parameters)
  }

  #mine(): Promise<void> {
    return this.#traffic.mine()
  }

  #at(contract: Parameters<Traffic['addressOf']>[0]): string {
    return this.#traffic.addressOf(contract)
  }

  #some<T>(list: readonly T[]): T {
    return list[this.#dice.skewed(list.length)]!
  }

  #openUpTo(open: number): bigint {
    return BigInt(1 + this.#dice.below(open * 1e9)) * 1_000_000_007n
  }

  #digest(): string {
    this.#count += 1
    return id(`digest ${this.#count}`)
  }
}

type Channel = { spentWei: bigint; signature: string }

/** A rewards tree, as `contracts/rewards/MerkleWord.sol` hashes it. */
class Tree {
  readonly words: readonly string[]
  readonly #levels: string[][]

  constructor(words: readonly string[]) {
    this.words = words
    this.#levels = [words.map((word) => keccak256(word))]
    for (let below = this.#levels[0]!; below.length > 1; below = this.#levels.at(-1)!)
      this.#levels.push(below.flatMap((hash, i) => (i % 2 === 1 ? [] : [keccak256(concat([hash, below[i + 1]!]))])))
  }

  get root(): string {
    return this.#levels.at(-1)![0]!
  }

  /** Siblings above the node `index` of `level`; words are level 0. */
  proof(index: number, level: number): string[] {
    return this.#levels.slice(level, -1).map((hashes, above) => hashes[(index >> above) ^ 1]!)
  }
}

function named(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `0x${id(`${kind} ${i}`).slice(26)}`)
}

function wordOf(number: number): string {
  return `0x${number.toString(16).padStart(64, '0')}`
}

function times<T>(count: number, act: T): T[] {
  return Array.from({ length: count }, () => act)
}
