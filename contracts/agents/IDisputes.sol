// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRewardSink} from "../rewards/IRewardSink.sol";
import {IAgentKeys} from "./IAgentKeys.sol";
import {IAgentStaking} from "./IAgentStaking.sol";
import {IModelOwners} from "./IModelOwners.sol";

/// @title Where stake is challenged for what no proof on chain can show
/// @notice Anybody accuses an agent's or model's pool with a bond. The accused may answer; then the council rules. A challenger
/// who was right has its bond back and the slash's bounty; one who was wrong pays half of the bond to the accused and half to
/// rewards. If the council is silent, both leave whole.
/// @dev What is at stake was slashable when the dispute opened, and stays so: as much of the pool is locked as the slash caps
/// ask for. Lock, answer and ruling are bounded in time. Trusts the council, staking and its caps, and OPEN to take no fee on
/// transfer. A pause stops new disputes alone.
interface IDisputes {
    /// @notice What a dispute has come to.
    enum Status {
        None,
        Open,
        Answered,
        Upheld,
        Dismissed,
        Drawn
    }

    /// @notice What is kept of a dispute.
    /// @param atStakeWei most that a ruling can slash
    /// @param answerUntil first second in which the council can rule without an answer
    /// @param rulingUntil first second in which it is a draw
    struct Dispute {
        address challenger;
        Status status;
        uint64 lockId;
        uint64 answerUntil;
        uint64 rulingUntil;
        bytes32 poolId;
        uint128 bondWei;
        uint128 atStakeWei;
    }

    /// @notice A pool was accused.
    event DisputeOpened(
        uint256 indexed disputeId,
        bytes32 indexed poolId,
        address indexed challenger,
        bytes32 claimDigest,
        uint256 atStakeWei,
        uint256 bondWei,
        uint256 answerUntil,
        uint256 rulingUntil
    );
    /// @notice The accused answered.
    event DisputeAnswered(uint256 indexed disputeId, address indexed accused, bytes32 answerDigest);
    /// @notice The council found the accusation right; `slashedWei` was taken.
    event DisputeUpheld(uint256 indexed disputeId, bytes32 indexed poolId, uint256 slashedWei, bytes32 reasonDigest);
    /// @notice The council found it wrong; the bond was divided.
    event DisputeDismissed(
        uint256 indexed disputeId,
        bytes32 indexed poolId,
        address indexed accused,
        uint256 accusedWei,
        uint256 rewardsWei,
        bytes32 reasonDigest
    );
    /// @notice Nobody ruled in time.
    event DisputeDrawn(uint256 indexed disputeId, bytes32 indexed poolId);
    /// @notice What later disputes cost.
    event BondSet(uint128 bondWei);
    /// @notice Seconds in which the accused of later disputes may answer.
    event AnswerTimeSet(uint256 answerTime);
    /// @notice Who rules besides governance; 0 for nobody.
    event ArbiterSet(address indexed arbiter);

    /// @notice An address that must be given is zero.
    error DisputesZeroAddress();
    /// @notice A digest that must be given is zero.
    error DisputesZeroDigest();
    /// @notice A slash of nothing.
    error DisputesZeroAmount();
    /// @notice The pool has nothing that the caps would let be slashed.
    error DisputesNothingAtStake(bytes32 poolId);
    /// @notice Not in this state of the dispute.
    error DisputesWrongStatus(uint256 disputeId, Status status);
    /// @notice Only the agent's operator or the model's owner may do this.
    error DisputesNotAccused(uint256 disputeId, address sender);
    /// @notice Only the arbiter or governance may do this.
    error DisputesNotArbiter(address sender);
    /// @notice The time for it is over.
    error DisputesTooLate(uint256 disputeId, uint256 until);
    /// @notice It can be done from `from` on.
    error DisputesTooEarly(uint256 disputeId, uint256 from);
    /// @notice More than is at stake.
    error DisputesSlashTooHigh(uint256 slashWei, uint256 atStakeWei);
    /// @notice A bond out of its bounds.
    error DisputesBondOutOfRange(uint256 bondWei, uint256 least, uint256 most);
    /// @notice A time out of its bounds.
    error DisputesTimeOutOfRange(uint256 time, uint256 least, uint256 most);

    /// @notice Sets the court up, once. Staking must count it among its slashers.
    /// @param governance owns it, and rules
    /// @param guardian_ may stop new disputes
    /// @param token_ OPEN
    /// @param staking_ keeps the pools
    /// @param agents_ says who operates agents
    /// @param models_ says who owns models
    /// @param sink_ gets the part of lost bonds that is rewards
    /// @param bondWei_ what a dispute costs
    /// @param arbiter_ rules besides governance; 0 for nobody
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
    ) external;

    /// @notice Accuses a pool and pulls the bond.
    /// @param claimDigest digest of what is claimed and its evidence
    /// @param slashWei what should be taken; at stake is as much of it as the caps allow now
    function open(bytes32 poolId, bytes32 claimDigest, uint256 slashWei) external returns (uint256 disputeId);

    /// @notice Answers, once, within the answer time. The agent's operator or the model's owner.
    /// @param answerDigest digest of the answer and its evidence
    function answer(uint256 disputeId, bytes32 answerDigest) external;

    /// @notice Finds the accusation right and slashes. Arbiter or governance, after the answer or its time.
    /// @param slashWei what to take, at most what is at stake; 0 leaves it at giving the bond back
    /// @param reasonDigest digest of the reasons
    function uphold(uint256 disputeId, uint256 slashWei, bytes32 reasonDigest) external;

    /// @notice Finds it wrong and divides the bond. Arbiter or governance, after the answer or its time.
    function dismiss(uint256 disputeId, bytes32 reasonDigest) external;

    /// @notice Ends a dispute on which nobody ruled in time. Anybody.
    function draw(uint256 disputeId) external;

    /// @notice Sets what later disputes cost. Governance only.
    function setBond(uint128 bondWei_) external;

    /// @notice Sets how long later accused may answer. Governance only.
    function setAnswerTime(uint256 answerTime_) external;

    /// @notice Names who rules besides governance. Governance only.
    function setArbiter(address arbiter_) external;

    /// @notice What is kept of a dispute.
    function disputeOf(uint256 disputeId) external view returns (Dispute memory dispute);

    /// @notice Disputes opened so far; the last one's number.
    function disputeCount() external view returns (uint256 count);
}
