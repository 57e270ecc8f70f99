// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {IAgentKeys} from "./IAgentKeys.sol";
import {IAgentStaking} from "./IAgentStaking.sol";
import {IDisputes} from "./IDisputes.sol";
import {IModelOwners} from "./IModelOwners.sol";

/// @title Where stake is challenged for what no proof on chain can show
/// @notice See IDisputes, which says what each function does, trusts and refuses.
contract Disputes is IDisputes, Guarded {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @notice How long the council may take to rule, from the end of the answer time.
    uint256 public constant RULING_TIME = 14 days;
    uint256 public constant MIN_ANSWER_TIME = 1 days;
    uint256 public constant MAX_ANSWER_TIME = 7 days;
    uint256 public constant MIN_BOND_WEI = 1e18;
    uint256 public constant MAX_BOND_WEI = 1_000_000e18;

    /// @dev Agents are numbered from 1; ids of models are hashes.
    uint256 internal constant LAST_AGENT = type(uint64).max;

    /// @notice OPEN.
    IERC20 public token;
    /// @notice Keeps the pools.
    IAgentStaking public staking;
    /// @notice Asked who operates agents.
    IAgentKeys public agents;
    /// @notice Asked who owns models.
    IModelOwners public models;
    /// @notice Gets the part of lost bonds that is rewards.
    IRewardSink public sink;
    /// @notice Rules besides governance.
    address public arbiter;
    /// @notice Seconds in which the accused may answer.
    uint64 public answerTime;
    /// @notice What a dispute costs.
    uint128 public bondWei;
    /// @inheritdoc IDisputes
    uint256 public disputeCount;
    mapping(uint256 disputeId => Dispute) internal _disputes;

    modifier onlyArbiter() {
        require(msg.sender == arbiter || msg.sender == owner(), DisputesNotArbiter(msg.sender));
        _;
    }

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IDisputes
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        IAgentStaking staking_,
        IAgentKeys agents_,
        IModelOwners models_,
        IRewardSink sink_,
        uint128 bondWei_,
        address arbiter_
    ) external initializer {
        require(
            address(token_) != address(0) &&
                address(staking_) != address(0) &&
                address(agents_) != address(0) &&
                address(models_) != address(0) &&
                address(sink_) != address(0),
            DisputesZeroAddress()
        );
        __Guarded_init(governance, guardian_);
        (token, staking, agents, models, sink) = (token_, staking_, agents_, models_, sink_);
        _setBond(bondWei_);
        _setAnswerTime(3 days);
        _setArbiter(arbiter_);
    }

    /// @inheritdoc IDisputes
    function open(bytes32 poolId, bytes32 claimDigest, uint256 slashWei) external whenOpen returns (uint256 disputeId) {
        require(claimDigest != 0, DisputesZeroDigest());
        require(slashWei != 0, DisputesZeroAmount());
        uint256 limitWei = staking.slashLimitWei(poolId);
        require(limitWei != 0, DisputesNothingAtStake(poolId));
        uint256 atStakeWei = Math.min(slashWei, limitWei);
        // The caps are parts of what a pool holds, so as much must stay that they still allow it.
        uint256 lockWei = Math.mulDiv(atStakeWei, staking.slashableWei(poolId), limitWei, Math.Rounding.Ceil);
        uint256 answerUntil = block.timestamp + answerTime;
        uint256 rulingUntil = answerUntil + RULING_TIME;
        uint128 bond = bondWei;
        disputeId = ++disputeCount;
        // Our own staking, which calls nobody; the dispute carries the lock's number.
        uint64 lockId = staking.lock(poolId, lockWei.toUint128(), rulingUntil - block.timestamp);
        _disputes[disputeId] = Dispute({
            challenger: msg.sender,
            status: Status.Open,
            lockId: lockId,
            answerUntil: answerUntil.toUint64(),
            rulingUntil: rulingUntil.toUint64(),
            poolId: poolId,
            bondWei: bond,
            atStakeWei: atStakeWei.toUint128()
        });
        emit DisputeOpened(disputeId, poolId, msg.sender, claimDigest, atStakeWei, bond, answerUntil, rulingUntil);
        token.safeTransferFrom(msg.sender, address(this), bond);
    }

    /// @inheritdoc IDisputes
    function answer(uint256 disputeId, bytes32 answerDigest) external {
        Dispute storage dispute = _disputes[disputeId];
        require(dispute.status == Status.Open, DisputesWrongStatus(disputeId, dispute.status));
        require(msg.sender == _accused(dispute.poolId), DisputesNotAccused(disputeId, msg.sender));
        require(answerDigest != 0, DisputesZeroDigest());
        require(block.timestamp < dispute.answerUntil, DisputesTooLate(disputeId, dispute.answerUntil));
        dispute.status = Status.Answered;
        emit DisputeAnswered(disputeId, msg.sender, answerDigest);
    }

    /// @inheritdoc IDisputes
    function uphold(uint256 disputeId, uint256 slashWei, bytes32 reasonDigest) external onlyArbiter {
        Dispute storage dispute = _ruled(disputeId, Status.Upheld);
        require(slashWei <= dispute.atStakeWei, DisputesSlashTooHigh(slashWei, dispute.atStakeWei));
        bytes32 poolId = dispute.poolId;
        // Our own staking, which takes what its caps allow and pays the bounty.
        staking.unlock(poolId, dispute.lockId);
        uint256 slashedWei = staking.slash(poolId, slashWei, dispute.challenger);
        emit DisputeUpheld(disputeId, poolId, slashedWei, reasonDigest);
        token.safeTransfer(dispute.challenger, dispute.bondWei);
    }

    /// @inheritdoc IDisputes
    function dismiss(uint256 disputeId, bytes32 reasonDigest) external onlyArbiter {
        Dispute storage dispute = _ruled(disputeId, Status.Dismissed);
        bytes32 poolId = dispute.poolId;
        address accused = _accused(poolId);
        uint256 accusedWei = dispute.bondWei / 2;
        uint256 rewardsWei = dispute.bondWei - accusedWei;
        emit DisputeDismissed(disputeId, poolId, accused, accusedWei, rewardsWei, reasonDigest);
        staking.unlock(poolId, dispute.lockId);
        token.forceApprove(address(sink), rewardsWei);
        sink.fund(rewardsWei, "dispute");
        token.safeTransfer(accused, accusedWei);
    }

    /// @inheritdoc IDisputes
    function draw(uint256 disputeId) external {
        Dispute storage dispute = _undecided(disputeId);
        require(block.timestamp >= dispute.rulingUntil, DisputesTooEarly(disputeId, dispute.rulingUntil));
        dispute.status = Status.Drawn;
        emit DisputeDrawn(disputeId, dispute.poolId);
        token.safeTransfer(dispute.challenger, dispute.bondWei);
    }

    /// @inheritdoc IDisputes
    function setBond(uint128 bondWei_) external onlyOwner {
        _setBond(bondWei_);
    }

    /// @inheritdoc IDisputes
    function setAnswerTime(uint256 answerTime_) external onlyOwner {
        _setAnswerTime(answerTime_);
    }

    /// @inheritdoc IDisputes
    function setArbiter(address arbiter_) external onlyOwner {
        _setArbiter(arbiter_);
    }

    /// @inheritdoc IDisputes
    function disputeOf(uint256 disputeId) external view returns (Dispute memory dispute) {
        return _disputes[disputeId];
    }

    function _setBond(uint128 bondWei_) internal {
        require(
            bondWei_ >= MIN_BOND_WEI && bondWei_ <= MAX_BOND_WEI,
            DisputesBondOutOfRange(bondWei_, MIN_BOND_WEI, MAX_BOND_WEI)
        );
        bondWei = bondWei_;
        emit BondSet(bondWei_);
    }

    function _setAnswerTime(uint256 answerTime_) internal {
        require(
            answerTime_ >= MIN_ANSWER_TIME && answerTime_ <= MAX_ANSWER_TIME,
            DisputesTimeOutOfRange(answerTime_, MIN_ANSWER_TIME, MAX_ANSWER_TIME)
        );
        answerTime = uint64(answerTime_); // at most 7 days
        emit AnswerTimeSet(answerTime_);
    }

    function _setArbiter(address arbiter_) internal {
        arbiter = arbiter_;
        emit ArbiterSet(arbiter_);
    }

    /// @dev Ends a dispute by a ruling, if it is time for one.
    function _ruled(uint256 disputeId, Status status) internal returns (Dispute storage dispute) {
        dispute = _undecided(disputeId);
        require(
            dispute.status == Status.Answered || block.timestamp >= dispute.answerUntil,
            DisputesTooEarly(disputeId, dispute.answerUntil)
        );
        require(block.timestamp < dispute.rulingUntil, DisputesTooLate(disputeId, dispute.rulingUntil));
        dispute.status = status;
    }

    function _undecided(uint256 disputeId) internal view returns (Dispute storage dispute) {
        dispute = _disputes[disputeId];
        require(
            dispute.status == Status.Open || dispute.status == Status.Answered,
            DisputesWrongStatus(disputeId, dispute.status)
        );
    }

    function _accused(bytes32 poolId) internal view returns (address) {
        return uint256(poolId) <= LAST_AGENT ? agents.operatorOf(uint256(poolId)) : models.ownerOf(poolId);
    }
}
