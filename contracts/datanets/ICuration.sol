// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IStaking} from "../agents/IStaking.sol";
import {IContributionRules} from "../lineage/IContributionRules.sol";
import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";

/// @title What a curated Datanet takes, and what becomes of the bonds
/// @notice A contribution to a curated Datanet is bonded, counted against quotas, and accepted or rejected by staked
/// validators. An accepted one's bond comes back after a hold, in which proven harm may cost part of it. A rejected one costs
/// part of its bond, unless an appeal to the council says otherwise. Whatever stays silent has a time at which `settle` ends it.
/// @dev Trusts: OPEN takes no fee on transfer and calls nobody; the registry, agents and staking tell the truth; the council and
/// slashers stay within the caps below, whatever they do. Nothing here is paid out through the sink: it cannot hold up a bond.
interface ICuration is IContributionRules {
    /// @notice Where a contribution to a curated Datanet stands.
    /// None: unknown. Pending: validators vote. Accepted: for good. Rejected: the contributor may appeal. Appealed: the council
    /// decides. Refused: rejected for good. Drawn: nobody decided, and the bond went home.
    enum Status {
        None,
        Pending,
        Accepted,
        Rejected,
        Appealed,
        Refused,
        Drawn
    }

    /// @notice The rules of a curated Datanet. Set once: who contributes knows them. The greatest number means no limit.
    /// @param bondWei taken from the contributor for each batch, at most MAX_BOND_WEI
    /// @param minStakeWei active stake that a validating agent needs; at least the floor unless only listed agents validate
    /// @param maxRecordsPerBatch at least 1
    /// @param maxRecordsPerPeriod for each contributor, at least 1
    /// @param periodSeconds at least 1; periods count from 1970
    /// @param maxRecords in the whole Datanet, at least 1
    /// @param validationSeconds how long validators may vote, 1 hour to 30 days
    /// @param holdSeconds how long an accepted contribution's bond is held, at most 180 days
    /// @param votesNeeded equal votes that settle it, 1 to MAX_VOTES
    /// @param listedOnly whether only agents that the owner listed validate
    /// @param silenceAccepts whether a contribution that nobody decided is accepted; else it is drawn
    /// @param termsDigest digest of the machine-readable terms of use
    struct Rules {
        uint96 bondWei;
        uint96 minStakeWei;
        uint32 maxRecordsPerBatch;
        uint32 maxRecordsPerPeriod;
        uint64 maxRecords;
        uint32 periodSeconds;
        uint32 validationSeconds;
        uint32 holdSeconds;
        uint8 votesNeeded;
        bool listedOnly;
        bool silenceAccepts;
        bytes32 termsDigest;
    }

    /// @notice A contribution and what it still has at stake.
    /// @param bondWei what is held of its bond
    /// @param appealBondWei what is held for its appeal
    /// @param slashedWei what it lost, CUMULATIVE
    /// @param since when its status began, seconds since 1970
    /// @param accepts votes to accept
    /// @param rejects votes to reject
    struct Contribution {
        address contributor;
        uint96 bondWei;
        bytes32 datanetId;
        uint96 appealBondWei;
        uint96 slashedWei;
        uint40 since;
        Status status;
        uint8 accepts;
        uint8 rejects;
    }

    /// @notice What governance may change.
    /// @param rejectionSlashPpm what a rejected contribution loses of its bond, at most MAX_SLASH_PPM
    /// @param harmSlashPpm what harm may cost of a bond in all, at most MAX_SLASH_PPM
    /// @param bountyPpm what validators get of that, at most MAX_BOUNTY_PPM
    /// @param appealBondWei what an appeal takes, at most MAX_BOND_WEI
    /// @param stakeFloorWei least stake of validators where anybody may validate, MIN_STAKE_FLOOR_WEI to MAX_BOND_WEI
    struct Parameters {
        uint32 rejectionSlashPpm;
        uint32 harmSlashPpm;
        uint32 bountyPpm;
        uint96 appealBondWei;
        uint96 stakeFloorWei;
    }

    /// @notice A curated Datanet got its rules, for good.
    event RulesSet(bytes32 indexed datanetId, Rules rules);
    /// @notice An agent may, or may no longer, validate where only listed ones do.
    event ValidatorListed(bytes32 indexed datanetId, uint256 indexed agentId, bool listed);
    /// @notice A contribution waits for validators until `validateUntil`.
    event ContributionBonded(
        bytes32 indexed contributionId,
        bytes32 indexed datanetId,
        address indexed contributor,
        uint256 bondWei,
        uint256 validateUntil
    );
    /// @notice An agent voted. `exceptionsDigest` is of a list of record digests that it would leave out of an accepted
    /// contribution, 0 for none: readers leave out what any vote to accept lists.
    event Validated(
        bytes32 indexed contributionId,
        uint256 indexed agentId,
        address indexed validator,
        bool accepted,
        bytes32 reasonDigest,
        bytes32 exceptionsDigest
    );
    /// @notice A contribution's status changed.
    event StatusChanged(bytes32 indexed contributionId, Status status);
    /// @notice A contributor appealed a rejection.
    event Appealed(bytes32 indexed contributionId, uint256 bondWei, bytes32 reasonDigest);
    /// @notice The council decided an appeal.
    event AppealRuled(bytes32 indexed contributionId, bool accepted, bytes32 reasonDigest);
    /// @notice Bonds went back to the contributor.
    event BondReturned(bytes32 indexed contributionId, address indexed contributor, uint256 amountWei);
    /// @notice A rejected contribution lost part of its bond.
    event RejectionSlashed(bytes32 indexed contributionId, uint256 slashedWei, uint256 bountiesWei);
    /// @notice A harmful contribution lost part of its bond.
    event HarmSlashed(
        bytes32 indexed contributionId,
        address indexed slasher,
        uint256 slashedWei,
        bytes32 reasonDigest
    );
    /// @notice A validator took its bounties.
    event BountyTaken(address indexed validator, uint256 amountWei);
    /// @notice Slashed money went to rewards.
    event Swept(uint256 amountWei);
    /// @notice Records leave all training that begins after this block; what was trained and paid stays.
    /// @param recordsDigest digest of the list of record digests that leave; 0 for the whole contribution
    event ConsentWithdrawn(
        bytes32 indexed datanetId,
        bytes32 indexed contributionId,
        address indexed contributor,
        bytes32 recordsDigest
    );
    /// @notice One record leaves all training that begins after this block; it was proven to be in the contribution.
    event RecordConsentWithdrawn(
        bytes32 indexed datanetId,
        bytes32 indexed contributionId,
        address indexed contributor,
        bytes32 recordDigest,
        uint256 index
    );
    /// @notice Governance changed the parameters.
    event ParametersSet(Parameters parameters);
    /// @notice Who decides appeals from now on.
    event CouncilSet(address indexed council);
    /// @notice An account may, or may no longer, slash for harm.
    event SlasherSet(address indexed slasher, bool allowed);

    /// @notice Only the registry may call this.
    error CurationNotRegistry(address sender);
    /// @notice Only the Datanet's owner may do this.
    error CurationNotOwner(bytes32 datanetId, address sender);
    /// @notice Only the contributor may do this.
    error CurationNotContributor(bytes32 contributionId, address sender);
    /// @notice Only the council may do this.
    error CurationNotCouncil(address sender);
    /// @notice Only a slasher may do this.
    error CurationNotSlasher(address sender);
    /// @notice The sender does not act for this agent.
    error CurationNotOperator(uint256 agentId, address sender);
    /// @notice The Datanet is a plain one: it has no rules.
    error CurationNotCurated(bytes32 datanetId);
    /// @notice The Datanet has its rules already.
    error CurationRulesSet(bytes32 datanetId);
    /// @notice The Datanet has no rules yet, and takes nothing before.
    error CurationNoRules(bytes32 datanetId);
    /// @notice A number is outside what is allowed.
    error CurationOutOfRange(uint256 value, uint256 least, uint256 most);
    /// @notice An address that must be given is zero.
    error CurationZeroAddress();
    /// @notice A digest that must be given is zero.
    error CurationZeroDigest();
    /// @notice The contributor gave the same batch before.
    error CurationExists(bytes32 contributionId);
    /// @notice More records than a batch may have.
    error CurationBatchQuota(bytes32 datanetId, uint256 records, uint256 limit);
    /// @notice More records than this contributor may give in this period.
    error CurationPeriodQuota(bytes32 datanetId, address contributor, uint256 records, uint256 limit);
    /// @notice More records than the Datanet takes.
    error CurationTotalQuota(bytes32 datanetId, uint256 records, uint256 limit);
    /// @notice The contribution's status does not allow this.
    error CurationWrongStatus(bytes32 contributionId, Status status);
    /// @notice The time for it ended.
    error CurationTooLate(bytes32 contributionId, uint256 until);
    /// @notice Nothing is due before; the greatest number means never.
    error CurationNotDue(bytes32 contributionId, Status status, uint256 due);
    /// @notice The agent voted already.
    error CurationVoted(bytes32 contributionId, uint256 agentId);
    /// @notice Nobody validates what is their own.
    error CurationOwnContribution(bytes32 contributionId, address contributor);
    /// @notice The owner did not list this agent.
    error CurationNotListed(bytes32 datanetId, uint256 agentId);
    /// @notice The agent has too little active stake.
    error CurationStakeTooLow(uint256 agentId, uint256 stakeWei, uint256 leastWei);
    /// @notice Harm may cost this contribution no more than `allowedWei` now.
    error CurationSlashTooHigh(bytes32 contributionId, uint256 amountWei, uint256 allowedWei);
    /// @notice Nothing to pay.
    error CurationNothingToPay();
    /// @notice The record is not in the contribution.
    error CurationNotInContribution(bytes32 recordDigest, bytes32 recordRoot);

    /// @notice Sets the contract up, once.
    /// @param guardian_ may pause; 0 for governance alone
    /// @param token OPEN
    /// @param rewards gets what is slashed
    /// @param council_ decides appeals
    function initialize(
        address governance,
        address guardian_,
        IERC20 token,
        ILineageRegistry registry,
        IAgentKeys agents,
        IStaking staking,
        IRewardSink rewards,
        address council_,
        Parameters calldata parameters
    ) external;

    /// @notice Gives a curated Datanet its rules, once and for good. Its owner only.
    function setRules(bytes32 datanetId, Rules calldata rules) external;

    /// @notice Lists or unlists an agent as a validator. The Datanet's owner only.
    function listValidator(bytes32 datanetId, uint256 agentId, bool listed) external;

    /// @notice Votes on a pending contribution for an agent: its operator only, once. The vote that makes `votesNeeded` equal
    /// ones settles it.
    /// @param reasonDigest digest of the reasons; a rejection must have one
    /// @param exceptionsDigest digest of a list of records to leave out of what is accepted; 0 for none
    function validate(
        bytes32 contributionId,
        uint256 agentId,
        bool accepted,
        bytes32 reasonDigest,
        bytes32 exceptionsDigest
    ) external;

    /// @notice Takes a rejection to the council, for a bond. The contributor only, within APPEAL_TIME.
    function appeal(bytes32 contributionId, bytes32 reasonDigest) external;

    /// @notice Decides an appeal: accepts the contribution and gives the appeal's bond back, or refuses it for good, and all of
    /// the appeal's bond is lost beside the slash. Council only.
    function rule(bytes32 contributionId, bool accepted, bytes32 reasonDigest) external;

    /// @notice Does what the time has made due. Anybody may call.
    /// Pending: accepts or draws, as the rules say. Rejected: refuses and slashes. Appealed: draws, all bonds go home.
    /// Accepted: gives the bond back.
    function settle(bytes32 contributionId) external;

    /// @notice Takes part of a contribution's bond for harm that was attributed to it, for rewards. Slashers only.
    function slashForHarm(bytes32 contributionId, uint96 amountWei, bytes32 reasonDigest) external;

    /// @notice Pays a validator its bounties. Anybody may call.
    function payBounty(address validator) external returns (uint256 amountWei);

    /// @notice Sends slashed money to rewards. Anybody may call.
    function sweep() external returns (uint256 amountWei);

    /// @notice Says that records of the sender's contribution leave future training.
    /// @dev The contribution's id is made of the sender here, so nobody can name another's. To a curated Datanet the
    /// contribution must be known; of a plain one readers pass over an id that no `Contributed` has.
    /// @param manifestDigest as contributed
    /// @param recordRoot as contributed
    /// @param recordsDigest digest of the list of record digests that leave; 0 for the whole contribution
    function withdrawConsent(
        bytes32 datanetId,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        bytes32 recordsDigest
    ) external;

    /// @notice Says that one record of the sender's contribution leaves future training, and proves that it is in it.
    /// @dev As `withdrawConsent`. The id is made of the root too, so a root that was never contributed names nothing.
    /// @param index of the record in the manifest
    /// @param proof siblings from the record up to `recordRoot`
    function withdrawRecordConsent(
        bytes32 datanetId,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        bytes32 recordDigest,
        uint256 index,
        bytes32[] calldata proof
    ) external;

    /// @notice Changes the parameters, within their caps. Governance only.
    function setParameters(Parameters calldata parameters) external;

    /// @notice Names who decides appeals. Governance only.
    function setCouncil(address council_) external;

    /// @notice Allows or forbids an account to slash for harm. Governance only.
    function setSlasher(address slasher, bool allowed) external;

    /// @notice A Datanet's rules; `votesNeeded` 0 if it has none.
    function rulesOf(bytes32 datanetId) external view returns (Rules memory rules);

    /// @notice Records that a Datanet took, rejected ones included, CUMULATIVE.
    function recordsOf(bytes32 datanetId) external view returns (uint256 records);

    /// @notice Records that a contributor gave in the running period.
    function recordsInPeriod(bytes32 datanetId, address contributor) external view returns (uint256 records);

    /// @notice A contribution's stored facts; status None if it is unknown.
    function contributionOf(bytes32 contributionId) external view returns (Contribution memory contribution);

    /// @notice When `settle` may be called, seconds since 1970; the greatest number for never.
    function dueAt(bytes32 contributionId) external view returns (uint256 time);

    /// @notice Whether an agent voted on a contribution.
    function hasVoted(bytes32 contributionId, uint256 agentId) external view returns (bool voted);

    /// @notice Whether the owner listed an agent.
    function isListed(bytes32 datanetId, uint256 agentId) external view returns (bool listed);

    /// @notice Bounties that a validator can take, wei, CURRENT.
    function bountyOf(address validator) external view returns (uint256 amountWei);

    /// @notice Bonds held, of contributions and appeals, wei, CURRENT.
    function bondedWei() external view returns (uint256 amountWei);

    /// @notice Slashed money that was not swept yet, wei, CURRENT.
    function forRewardsWei() external view returns (uint256 amountWei);

    /// @notice What governance may change.
    function parametersNow() external view returns (Parameters memory parameters);

    /// @notice Who decides appeals.
    function council() external view returns (address);

    /// @notice Whether an account may slash for harm.
    function isSlasher(address slasher) external view returns (bool allowed);
}
