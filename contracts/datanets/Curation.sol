// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IStaking} from "../agents/IStaking.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IContributionRules} from "../lineage/IContributionRules.sol";
import {ILineageRegistry} from "../lineage/ILineageRegistry.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {MerkleWord} from "../rewards/MerkleWord.sol";
import {ICuration} from "./ICuration.sol";

/// @title What a curated Datanet takes, and what becomes of the bonds
/// @notice See ICuration, which says what each function does, trusts and refuses.
contract Curation is ICuration, Guarded {
    using SafeERC20 for IERC20;
    using MerkleWord for bytes32;

    /// @notice Greatest bond of a contribution or an appeal: 100,000 OPEN.
    uint96 public constant MAX_BOND_WEI = 1e23;
    /// @notice Least that governance can ask of validators where anybody may validate: 1 OPEN.
    uint96 public constant MIN_STAKE_FLOOR_WEI = 1e18;
    /// @notice Caps that governance cannot pass, parts per million.
    uint32 public constant MAX_SLASH_PPM = 500_000;
    uint32 public constant MAX_BOUNTY_PPM = 500_000;
    /// @notice Votes that a Datanet may ask for; bounds the loop over those who rejected.
    uint8 public constant MAX_VOTES = 16;
    /// @notice How long a contributor may appeal a rejection.
    uint256 public constant APPEAL_TIME = 3 days;
    /// @notice How long the council may take to rule.
    uint256 public constant RULING_TIME = 14 days;

    uint256 internal constant ONE_PPM = 1_000_000;

    /// @dev What a contributor gave in a period; an older period's count is worth nothing.
    struct Usage {
        uint128 period;
        uint128 records;
    }

    /// @notice OPEN.
    IERC20 public token;
    /// @notice Asked who owns Datanets; the only one that may bring contributions.
    ILineageRegistry public registry;
    /// @notice Asked who acts for agents.
    IAgentKeys public agents;
    /// @notice Asked for the stake behind agents.
    IStaking public staking;
    /// @notice Gets what is slashed.
    IRewardSink public rewards;
    /// @inheritdoc ICuration
    address public council;
    /// @inheritdoc ICuration
    uint256 public bondedWei;
    /// @inheritdoc ICuration
    uint256 public forRewardsWei;
    /// @inheritdoc ICuration
    mapping(address slasher => bool) public isSlasher;
    /// @inheritdoc ICuration
    mapping(address validator => uint256) public bountyOf;
    /// @inheritdoc ICuration
    mapping(bytes32 datanetId => uint256) public recordsOf;
    /// @inheritdoc ICuration
    mapping(bytes32 datanetId => mapping(uint256 agentId => bool)) public isListed;
    /// @inheritdoc ICuration
    mapping(bytes32 contributionId => mapping(uint256 agentId => bool)) public hasVoted;
    Parameters internal _parameters;
    mapping(bytes32 datanetId => Rules) internal _rules;
    mapping(bytes32 datanetId => mapping(address contributor => Usage)) internal _usage;
    mapping(bytes32 contributionId => Contribution) internal _contributions;
    mapping(bytes32 contributionId => address[]) internal _rejecters;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc ICuration
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        ILineageRegistry registry_,
        IAgentKeys agents_,
        IStaking staking_,
        IRewardSink rewards_,
        address council_,
        Parameters calldata parameters
    ) external initializer {
        require(
            address(token_) != address(0) &&
                address(registry_) != address(0) &&
                address(agents_) != address(0) &&
                address(staking_) != address(0) &&
                address(rewards_) != address(0),
            CurationZeroAddress()
        );
        __Guarded_init(governance, guardian_);
        (token, registry, agents, staking, rewards) = (token_, registry_, agents_, staking_, rewards_);
        _setCouncil(council_);
        _setParameters(parameters);
    }

    /// @inheritdoc ICuration
    function setRules(bytes32 datanetId, Rules calldata rules) external whenOpen {
        require(registry.ownerOf(datanetId) == msg.sender, CurationNotOwner(datanetId, msg.sender));
        require(registry.datanetOf(datanetId).isCurated, CurationNotCurated(datanetId));
        require(_rules[datanetId].votesNeeded == 0, CurationRulesSet(datanetId));
        require(rules.termsDigest != 0, CurationZeroDigest());
        _checkRange(rules.bondWei, 0, MAX_BOND_WEI);
        if (!rules.listedOnly) _checkRange(rules.minStakeWei, _parameters.stakeFloorWei, type(uint96).max);
        _checkRange(rules.maxRecordsPerBatch, 1, type(uint32).max);
        _checkRange(rules.maxRecordsPerPeriod, 1, type(uint32).max);
        _checkRange(rules.maxRecords, 1, type(uint64).max);
        _checkRange(rules.periodSeconds, 1, type(uint32).max);
        _checkRange(rules.validationSeconds, 1 hours, 30 days);
        _checkRange(rules.holdSeconds, 0, 180 days);
        _checkRange(rules.votesNeeded, 1, MAX_VOTES);
        _rules[datanetId] = rules;
        emit RulesSet(datanetId, rules);
    }

    /// @inheritdoc ICuration
    function listValidator(bytes32 datanetId, uint256 agentId, bool listed) external {
        require(registry.ownerOf(datanetId) == msg.sender, CurationNotOwner(datanetId, msg.sender));
        isListed[datanetId][agentId] = listed;
        emit ValidatorListed(datanetId, agentId, listed);
    }

    /// @inheritdoc IContributionRules
    function onContribution(
        bytes32 datanetId,
        bytes32 contributionId,
        address contributor,
        uint32 recordCount
    ) external whenOpen {
        require(msg.sender == address(registry), CurationNotRegistry(msg.sender));
        Rules storage rules = _rules[datanetId];
        require(rules.votesNeeded != 0, CurationNoRules(datanetId));
        Contribution storage kept = _contributions[contributionId];
        require(kept.status == Status.None, CurationExists(contributionId));
        _count(datanetId, contributor, recordCount, rules);

        uint96 bond = rules.bondWei;
        kept.contributor = contributor;
        kept.bondWei = bond;
        kept.datanetId = datanetId;
        kept.since = uint40(block.timestamp);
        kept.status = Status.Pending;
        bondedWei += bond;
        emit ContributionBonded(
            contributionId,
            datanetId,
            contributor,
            bond,
            block.timestamp + rules.validationSeconds
        );
        token.safeTransferFrom(contributor, address(this), bond);
    }

    /// @inheritdoc ICuration
    function validate(
        bytes32 contributionId,
        uint256 agentId,
        bool accepted,
        bytes32 reasonDigest,
        bytes32 exceptionsDigest
    ) external {
        Contribution storage kept = _contributions[contributionId];
        require(kept.status == Status.Pending, CurationWrongStatus(contributionId, kept.status));
        uint256 until = dueAt(contributionId);
        require(block.timestamp < until, CurationTooLate(contributionId, until));
        require(accepted || reasonDigest != 0, CurationZeroDigest());
        require(!hasVoted[contributionId][agentId], CurationVoted(contributionId, agentId));
        require(msg.sender != kept.contributor, CurationOwnContribution(contributionId, msg.sender));
        _checkValidator(kept.datanetId, agentId);

        hasVoted[contributionId][agentId] = true;
        if (!accepted) _rejecters[contributionId].push(msg.sender);
        uint8 votes = accepted ? ++kept.accepts : ++kept.rejects;
        emit Validated(contributionId, agentId, msg.sender, accepted, reasonDigest, exceptionsDigest);
        if (votes == _rules[kept.datanetId].votesNeeded) {
            _enter(contributionId, accepted ? Status.Accepted : Status.Rejected, block.timestamp);
        }
    }

    /// @inheritdoc ICuration
    function appeal(bytes32 contributionId, bytes32 reasonDigest) external {
        Contribution storage kept = _contributions[contributionId];
        require(kept.status == Status.Rejected, CurationWrongStatus(contributionId, kept.status));
        require(msg.sender == kept.contributor, CurationNotContributor(contributionId, msg.sender));
        uint256 until = dueAt(contributionId);
        require(block.timestamp < until, CurationTooLate(contributionId, until));
        require(reasonDigest != 0, CurationZeroDigest());
        uint96 bond = _parameters.appealBondWei;
        kept.appealBondWei = bond;
        bondedWei += bond;
        _enter(contributionId, Status.Appealed, block.timestamp);
        emit Appealed(contributionId, bond, reasonDigest);
        token.safeTransferFrom(msg.sender, address(this), bond);
    }

    /// @inheritdoc ICuration
    function rule(bytes32 contributionId, bool accepted, bytes32 reasonDigest) external {
        require(msg.sender == council, CurationNotCouncil(msg.sender));
        Contribution storage kept = _contributions[contributionId];
        require(kept.status == Status.Appealed, CurationWrongStatus(contributionId, kept.status));
        require(reasonDigest != 0, CurationZeroDigest());
        emit AppealRuled(contributionId, accepted, reasonDigest);
        if (accepted) {
            uint96 bond = kept.appealBondWei;
            kept.appealBondWei = 0;
            _enter(contributionId, Status.Accepted, block.timestamp);
            _giveBack(contributionId, kept.contributor, bond, bond);
        } else {
            _refuse(contributionId, kept);
        }
    }

    /// @inheritdoc ICuration
    function settle(bytes32 contributionId) external {
        Contribution storage kept = _contributions[contributionId];
        Status status = kept.status;
        uint256 due = dueAt(contributionId);
        require(block.timestamp >= due, CurationNotDue(contributionId, status, due));
        if (status == Status.Rejected) {
            _refuse(contributionId, kept);
            return;
        }
        if (status == Status.Pending && _rules[kept.datanetId].silenceAccepts) {
            // The hold began when the vote ended, not when somebody says so.
            _enter(contributionId, Status.Accepted, due);
            return;
        }
        uint256 heldWei = uint256(kept.bondWei) + kept.appealBondWei;
        (kept.bondWei, kept.appealBondWei) = (0, 0);
        if (status != Status.Accepted) _enter(contributionId, Status.Drawn, block.timestamp);
        _giveBack(contributionId, kept.contributor, heldWei, heldWei);
    }

    /// @inheritdoc ICuration
    function slashForHarm(bytes32 contributionId, uint96 amountWei, bytes32 reasonDigest) external {
        require(isSlasher[msg.sender], CurationNotSlasher(msg.sender));
        Contribution storage kept = _contributions[contributionId];
        require(
            kept.status == Status.Pending || kept.status == Status.Accepted,
            CurationWrongStatus(contributionId, kept.status)
        );
        require(reasonDigest != 0, CurationZeroDigest());
        // Of the whole bond, however much of it is gone. When the bond went back, less than what is gone is allowed: nothing.
        uint256 capWei = ((uint256(kept.bondWei) + kept.slashedWei) * _parameters.harmSlashPpm) / ONE_PPM;
        uint256 allowedWei = capWei > kept.slashedWei ? capWei - kept.slashedWei : 0;
        require(amountWei != 0 && amountWei <= allowedWei, CurationSlashTooHigh(contributionId, amountWei, allowedWei));
        kept.bondWei -= amountWei;
        kept.slashedWei += amountWei;
        bondedWei -= amountWei;
        forRewardsWei += amountWei;
        emit HarmSlashed(contributionId, msg.sender, amountWei, reasonDigest);
    }

    /// @inheritdoc ICuration
    function payBounty(address validator) external returns (uint256 amountWei) {
        amountWei = bountyOf[validator];
        require(amountWei != 0, CurationNothingToPay());
        bountyOf[validator] = 0;
        emit BountyTaken(validator, amountWei);
        token.safeTransfer(validator, amountWei);
    }

    /// @inheritdoc ICuration
    function sweep() external returns (uint256 amountWei) {
        amountWei = forRewardsWei;
        require(amountWei != 0, CurationNothingToPay());
        forRewardsWei = 0;
        emit Swept(amountWei);
        token.forceApprove(address(rewards), amountWei);
        rewards.fund(amountWei, "curation");
    }

    /// @inheritdoc ICuration
    function withdrawConsent(
        bytes32 datanetId,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        bytes32 recordsDigest
    ) external {
        bytes32 contributionId = _ownContribution(datanetId, manifestDigest, recordRoot);
        emit ConsentWithdrawn(datanetId, contributionId, msg.sender, recordsDigest);
    }

    /// @inheritdoc ICuration
    function withdrawRecordConsent(
        bytes32 datanetId,
        bytes32 manifestDigest,
        bytes32 recordRoot,
        bytes32 recordDigest,
        uint256 index,
        bytes32[] calldata proof
    ) external {
        require(recordDigest != 0, CurationZeroDigest()); // which pads the tree
        require(recordDigest.fold(index, proof) == recordRoot, CurationNotInContribution(recordDigest, recordRoot));
        bytes32 contributionId = _ownContribution(datanetId, manifestDigest, recordRoot);
        emit RecordConsentWithdrawn(datanetId, contributionId, msg.sender, recordDigest, index);
    }

    /// @inheritdoc ICuration
    function setParameters(Parameters calldata parameters) external onlyOwner {
        _setParameters(parameters);
    }

    /// @inheritdoc ICuration
    function setCouncil(address council_) external onlyOwner {
        _setCouncil(council_);
    }

    /// @inheritdoc ICuration
    function setSlasher(address slasher, bool allowed) external onlyOwner {
        require(slasher != address(0), CurationZeroAddress());
        isSlasher[slasher] = allowed;
        emit SlasherSet(slasher, allowed);
    }

    /// @inheritdoc ICuration
    function rulesOf(bytes32 datanetId) external view returns (Rules memory rules) {
        return _rules[datanetId];
    }

    /// @inheritdoc ICuration
    function recordsInPeriod(bytes32 datanetId, address contributor) external view returns (uint256 records) {
        uint256 periodSeconds = _rules[datanetId].periodSeconds;
        require(periodSeconds != 0, CurationNoRules(datanetId));
        Usage memory usage = _usage[datanetId][contributor];
        return usage.period == block.timestamp / periodSeconds ? usage.records : 0;
    }

    /// @inheritdoc ICuration
    function contributionOf(bytes32 contributionId) external view returns (Contribution memory contribution) {
        return _contributions[contributionId];
    }

    /// @inheritdoc ICuration
    function parametersNow() external view returns (Parameters memory parameters) {
        return _parameters;
    }

    /// @inheritdoc ICuration
    function dueAt(bytes32 contributionId) public view returns (uint256 time) {
        Contribution storage kept = _contributions[contributionId];
        Status status = kept.status;
        if (status == Status.Pending) return kept.since + _rules[kept.datanetId].validationSeconds;
        if (status == Status.Rejected) return kept.since + APPEAL_TIME;
        if (status == Status.Appealed) return kept.since + RULING_TIME;
        if (status == Status.Accepted && kept.bondWei != 0) return kept.since + _rules[kept.datanetId].holdSeconds;
        return type(uint256).max;
    }

    /// @dev Counts a batch against the quotas.
    function _count(bytes32 datanetId, address contributor, uint256 recordCount, Rules storage rules) internal {
        uint256 limit = rules.maxRecordsPerBatch;
        require(recordCount <= limit, CurationBatchQuota(datanetId, recordCount, limit));
        Usage storage usage = _usage[datanetId][contributor];
        uint128 period = uint128(block.timestamp / rules.periodSeconds);
        uint256 used = (usage.period == period ? usage.records : 0) + recordCount;
        limit = rules.maxRecordsPerPeriod;
        require(used <= limit, CurationPeriodQuota(datanetId, contributor, used, limit));
        uint256 total = recordsOf[datanetId] + recordCount;
        limit = rules.maxRecords;
        require(total <= limit, CurationTotalQuota(datanetId, total, limit));
        (usage.period, usage.records) = (period, uint128(used));
        recordsOf[datanetId] = total;
    }

    function _checkValidator(bytes32 datanetId, uint256 agentId) internal view {
        Rules storage rules = _rules[datanetId];
        require(!rules.listedOnly || isListed[datanetId][agentId], CurationNotListed(datanetId, agentId));
        require(agents.operatorOf(agentId) == msg.sender, CurationNotOperator(agentId, msg.sender));
        uint256 stakeWei = staking.activeWei(bytes32(agentId));
        require(stakeWei >= rules.minStakeWei, CurationStakeTooLow(agentId, stakeWei, rules.minStakeWei));
    }

    /// @dev The id holds the sender, so a contribution that is found under it is the sender's.
    function _ownContribution(
        bytes32 datanetId,
        bytes32 manifestDigest,
        bytes32 recordRoot
    ) internal view returns (bytes32 contributionId) {
        contributionId = registry.contributionIdOf(datanetId, msg.sender, manifestDigest, recordRoot);
        require(
            !registry.datanetOf(datanetId).isCurated || _contributions[contributionId].status != Status.None,
            CurationNotContributor(contributionId, msg.sender)
        );
    }

    function _enter(bytes32 contributionId, Status status, uint256 since) internal {
        Contribution storage kept = _contributions[contributionId];
        kept.status = status;
        kept.since = uint40(since);
        emit StatusChanged(contributionId, status);
    }

    /// @dev Order matters: the slash of the bond and all of the appeal's bond are lost; of that, validators who rejected get
    /// their bounties, alike; rewards get the rest, with what the divisions leave; the contributor gets what was not lost.
    function _refuse(bytes32 contributionId, Contribution storage kept) internal {
        uint256 heldWei = uint256(kept.bondWei) + kept.appealBondWei;
        uint256 slashedWei = (kept.bondWei * uint256(_parameters.rejectionSlashPpm)) / ONE_PPM + kept.appealBondWei;
        address[] storage rejecters = _rejecters[contributionId];
        uint256 bountyWei = (slashedWei * _parameters.bountyPpm) / ONE_PPM / rejecters.length;
        uint256 bountiesWei = bountyWei * rejecters.length;
        for (uint256 i; i < rejecters.length; ++i) bountyOf[rejecters[i]] += bountyWei;
        forRewardsWei += slashedWei - bountiesWei;
        (kept.bondWei, kept.appealBondWei) = (0, 0);
        kept.slashedWei += uint96(slashedWei); // part of bonds that fit
        _enter(contributionId, Status.Refused, block.timestamp);
        emit RejectionSlashed(contributionId, slashedWei, bountiesWei);
        _giveBack(contributionId, kept.contributor, heldWei, heldWei - slashedWei);
    }

    /// @dev Lets go of `heldWei` of bonds, of which `amountWei` go back to the contributor.
    function _giveBack(bytes32 contributionId, address contributor, uint256 heldWei, uint256 amountWei) internal {
        bondedWei -= heldWei;
        emit BondReturned(contributionId, contributor, amountWei);
        token.safeTransfer(contributor, amountWei);
    }

    function _setParameters(Parameters calldata parameters) internal {
        _checkRange(parameters.rejectionSlashPpm, 0, MAX_SLASH_PPM);
        _checkRange(parameters.harmSlashPpm, 0, MAX_SLASH_PPM);
        _checkRange(parameters.bountyPpm, 0, MAX_BOUNTY_PPM);
        _checkRange(parameters.appealBondWei, 0, MAX_BOND_WEI);
        _checkRange(parameters.stakeFloorWei, MIN_STAKE_FLOOR_WEI, MAX_BOND_WEI);
        _parameters = parameters;
        emit ParametersSet(parameters);
    }

    function _setCouncil(address council_) internal {
        require(council_ != address(0), CurationZeroAddress());
        council = council_;
        emit CouncilSet(council_);
    }

    function _checkRange(uint256 value, uint256 least, uint256 most) internal pure {
        require(value >= least && value <= most, CurationOutOfRange(value, least, most));
    }
}
