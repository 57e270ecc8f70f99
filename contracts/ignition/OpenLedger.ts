import { buildModule } from '@nomicfoundation/ignition-core'

const OPEN = 10n ** 18n
const DAY = 86_400n

/**
 * Deploys and wires the whole economy. Read from top to bottom: each contract needs only those above it. The deployer founds
 * OPEN and owns three contracts until they know each other; the last steps take both from it. Governance is the timelock from
 * the start everywhere else.
 * @param entryPoint of ERC-4337 on this chain; one is deployed where there is none
 */
export const openLedger = (entryPoint?: string) =>
  buildModule('OpenLedger', (m) => {
    const deployer = m.getAccount(0)
    const guardian = m.getParameter<string>('guardian')
    const council = m.getParameter<string>('council')
    const treasury = m.getParameter<string>('treasury')
    const attester = m.getParameter<string>('attester')
    const proposer = m.getParameter<string>('proposer')
    const keeper = m.getParameter<string>('keeper')
    const holder = m.getParameter<string>('holder')
    const bondWei = m.getParameter<bigint>('bondWei')
    const challengeWindowSeconds = m.getParameter<number>('challengeWindowSeconds')
    const thawSeconds = m.getParameter<number>('thawSeconds')

    const behindProxy = (name: string, terms: unknown[], constants: unknown[] = []) => {
      const code = m.contract(name, constants as [], { id: `${name}Code` })
      const setup = m.encodeFunctionCall(code, 'initialize', terms as [], { id: `${name}Setup` })
      const proxy = m.contract('ERC1967Proxy', [code, setup], { id: `${name}Proxy` })
      return m.contractAt(name, proxy, { id: name })
    }

    // OPEN, its votes, and governance: the governor makes its timelock, which nobody else ever has a role in.
    const Genesis = m.contract('Genesis', [deployer])
    const OpenToken = m.contractAt('OpenToken', m.staticCall(Genesis, 'TOKEN'))
    const GovernanceOpen = m.contract('GovernanceOpen', [OpenToken])
    const WrappedOpen = m.contract('WrappedOpen')
    const OpenGovernor = m.contract('OpenGovernor', [
      {
        votes: GovernanceOpen,
        votingDelay: DAY,
        votingPeriod: 7n * DAY,
        voteExtension: 2n * DAY,
        timelockDelay: 2n * DAY,
        proposalThresholdWei: 100_000n * OPEN,
        quorumPpm: 40_000n,
        quorumFloorWei: 25_000_000n * OPEN,
        guardian,
      },
    ])
    const timelock = m.staticCall(OpenGovernor, 'timelock')
    const OpenTimelock = m.contractAt('OpenTimelock', timelock)

    // Rewards: the court makes its vault, the drip bounds what the vault holds.
    const courtTerms = [deployer, guardian, OpenToken, bondWei, challengeWindowSeconds, proposer]
    const RootCourt = behindProxy('RootCourt', courtTerms)
    const RewardDistributor = m.contractAt('RewardDistributor', m.staticCall(RootCourt, 'distributor'))
    const dripTerms = [timelock, guardian, 1_000_000n * OPEN, 1_000_000n * OPEN]
    const RewardDrip = behindProxy('RewardDrip', dripTerms, [OpenToken, RewardDistributor])

    // Data, models, and who stands behind them with stake.
    const LineageRegistry = behindProxy('LineageRegistry', [deployer, guardian, attester])
    const AgentRegistry = behindProxy('AgentRegistry', [timelock, guardian])
    const AgentReputation = behindProxy('AgentReputation', [timelock, guardian, AgentRegistry])
    const stakingTerms = [deployer, guardian, OpenToken, AgentRegistry, LineageRegistry, RewardDrip, 7n * DAY]
    const AgentStaking = behindProxy('AgentStaking', stakingTerms)
    const evaluationTerms = [timelock, guardian, LineageRegistry, AgentRegistry, AgentStaking, 1_000n * OPEN]
    const Evaluations = behindProxy('Evaluations', evaluationTerms)
    const Curation = behindProxy('Curation', [
      ...[timelock, guardian, OpenToken, LineageRegistry, AgentRegistry, AgentStaking, RewardDrip, council],
      {
        rejectionSlashPpm: 200_000,
        harmSlashPpm: 200_000,
        bountyPpm: 500_000,
        appealBondWei: 100n * OPEN,
        stakeFloorWei: 100n * OPEN,
      },
    ])

    // Payments.
    const escrowParts = [OpenToken, LineageRegistry, AgentStaking, RewardDrip, treasury, thawSeconds]
    const InferenceEscrow = behindProxy('InferenceEscrow', [timelock, guardian], escrowParts)
    const Tills = m.contract('Tills', [InferenceEscrow, OpenToken])
    const jobTerms = [timelock, guardian, OpenToken, AgentRegistry, LineageRegistry, AgentStaking, treasury, council]
    const TrainingJobs = behindProxy('TrainingJobs', jobTerms)

    // Quality.
    const disputeTerms = [timelock, guardian, OpenToken, AgentStaking, AgentRegistry, LineageRegistry]
    const Disputes = behindProxy('Disputes', [...disputeTerms, RewardDrip, 1_000n * OPEN, council])
    const faultTerms = [timelock, guardian, AgentRegistry, AgentStaking, InferenceEscrow]
    const ReplayFaults = behindProxy('ReplayFaults', faultTerms)
    const reportTerms = [timelock, guardian, AgentRegistry, LineageRegistry, AgentStaking, 1_000n * OPEN]
    const QualityReports = behindProxy('QualityReports', reportTerms)

    // Gas in OPEN. Governance deposits and stakes at the entry point when it wants to sponsor.
    const EntryPoint = entryPoint === undefined ? m.contract('EntryPoint') : m.contractAt('EntryPoint', entryPoint)
    const price = { minWei: 100n * OPEN, maxWei: 100_000n * OPEN, maxChangePpm: 100_000, minIntervalSeconds: 600 }
    const priceTerms = [timelock, keeper, OPEN, 1_000_000_000n * OPEN, 10_000n * OPEN, price]
    const BoundedPrice = m.contract('BoundedPrice', priceTerms)
    const OpenPaymaster = m.contract('OpenPaymaster', [
      ...[EntryPoint, timelock, guardian, OpenToken, treasury, BoundedPrice],
      {
        ...{ markupPpm: 50_000, postOpGas: 20_000, maxAgeSeconds: 3_600 },
        ...{ operationCapWei: OPEN / 100n, senderCapWei: OPEN / 50n, dayCapWei: OPEN },
      },
    ])

    // The supply: what vests for the community funds rewards; what is liquid at the start goes to `holder`.
    const communityWallet = m.staticCall(Genesis, 'walletOf', [0], 0, { id: 'communityWallet' })
    const emissionTerms = [timelock, guardian, OpenToken, communityWallet, RewardDrip, 240_000n * OPEN]
    const CommunityEmission = behindProxy('CommunityEmission', emissionTerms)
    const holders = {
      ...{ community: CommunityEmission, communityAtOnce: holder, liquidity: holder },
      ecosystem: timelock,
      investors: m.getParameter<string>('investors'),
      team: m.getParameter<string>('team'),
    }
    const distributed = m.call(Genesis, 'distribute', [holders])

    // Those that had to wait for each other, and then the deployer's farewell.
    const wired = [
      m.call(LineageRegistry, 'setContributionRules', [Curation]),
      m.call(LineageRegistry, 'setFlagger', [council, true]),
      m.call(RootCourt, 'setCouncil', [council]),
      m.call(AgentStaking, 'setSlasher', [Disputes, true], { id: 'DisputesSlash' }),
      m.call(AgentStaking, 'setSlasher', [ReplayFaults, true], { id: 'ReplayFaultsSlash' }),
      m.call(AgentStaking, 'setSlasher', [TrainingJobs, true], { id: 'TrainingJobsSlash' }),
    ]
    for (const [name, owned] of Object.entries({ LineageRegistry, RootCourt, AgentStaking })) {
      m.call(owned, 'transferOwnership', [timelock], { id: `${name}ToTimelock`, after: [...wired, distributed] })
    }

    return {
      ...{ Genesis, OpenToken, GovernanceOpen, WrappedOpen, OpenGovernor, OpenTimelock, CommunityEmission },
      ...{ RootCourt, RewardDistributor, RewardDrip, LineageRegistry, Evaluations, Curation },
      ...{ AgentRegistry, AgentReputation, AgentStaking, Disputes, ReplayFaults, QualityReports, TrainingJobs },
      ...{ InferenceEscrow, Tills, EntryPoint, BoundedPrice, OpenPaymaster },
    }
  })
