// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IModelOwners} from "../agents/IModelOwners.sol";
import {IStaking} from "../agents/IStaking.sol";

/// @title Where training is ordered and paid for
/// @notice A requester puts a budget into escrow; a staked agent accepts, delivers a registered model within the deadline, and
/// is paid after a review. A requester that disagrees puts up a bond, and an arbiter divides.
/// @dev A job belongs to its agent: whoever operates the agent delivers and is paid. Trusts the registries for who owns and
/// operates what, OPEN to take no fee on transfer, and the arbiter or governance for a ruling; if they are silent the job ends
/// in a draw. Rates are those of the day of the request. A pause stops requests and acceptances alone.
interface ITrainingJobs {
    /// @notice Who must own the model when it is delivered.
    enum ModelOwner {
        Requester,
        Trainer
    }

    /// @notice What a job has come to.
    enum Status {
        None,
        Requested,
        Accepted,
        Delivered,
        Disputed,
        Cancelled,
        Refunded,
        Paid,
        Divided,
        Drawn
    }

    /// @notice A Datanet as it stood after a block.
    struct Source {
        bytes32 datanetId;
        uint64 asOfBlock;
    }

    /// @notice What is ordered.
    /// @param baseModelId the model to start from
    /// @param sources Datanets to train on, by ascending id
    /// @param recipeDigest digest of how to train and how to evaluate
    /// @param budgetWei what the trainer gets, the protocol's fee included
    /// @param minStakeWei active stake that the trainer's pool must have when it accepts
    /// @param penaltyWei stake to slash if the deadline is missed, at most the budget; as far as the slash caps allow
    /// @param deadline last second to deliver in
    /// @param reviewTime seconds from delivery in which the requester can dispute
    /// @param modelOwner who must own the model
    struct Terms {
        bytes32 baseModelId;
        Source[] sources;
        bytes32 recipeDigest;
        uint128 budgetWei;
        uint128 minStakeWei;
        uint128 penaltyWei;
        uint64 deadline;
        uint32 reviewTime;
        ModelOwner modelOwner;
    }

    /// @notice What is delivered.
    /// @param modelId the model as it is registered; it serves one job only
    /// @param evaluationDigest digest of the evaluation that the recipe asks for
    /// @param artefactDigests digests of the model's files
    struct Delivery {
        bytes32 modelId;
        bytes32 evaluationDigest;
        bytes32[] artefactDigests;
    }

    /// @notice What is kept of a job.
    /// @param actedAt when it was delivered, or disputed if it is
    /// @param bondWei what a dispute costs the requester
    struct Job {
        address requester;
        Status status;
        ModelOwner modelOwner;
        uint32 reviewTime;
        uint32 feePpm;
        uint128 budgetWei;
        uint128 bondWei;
        uint128 minStakeWei;
        uint128 penaltyWei;
        uint64 deadline;
        uint64 actedAt;
        uint256 agentId;
        bytes32 modelId;
    }

    /// @notice A job was ordered and its budget is in escrow.
    event JobRequested(uint256 indexed jobId, address indexed requester, bytes32 indexed baseModelId, Terms terms);
    /// @notice The requester took an order back before anybody accepted it.
    event JobCancelled(uint256 indexed jobId, uint256 refundedWei);
    /// @notice An agent accepted.
    event JobAccepted(uint256 indexed jobId, uint256 indexed agentId, address indexed operator);
    /// @notice The model is there; the review runs until `reviewUntil`.
    event JobDelivered(
        uint256 indexed jobId,
        uint256 indexed agentId,
        bytes32 indexed modelId,
        bytes32 evaluationDigest,
        bytes32[] artefactDigests,
        uint256 reviewUntil
    );
    /// @notice The deadline passed without delivery: the requester has its budget back.
    event JobRefunded(uint256 indexed jobId, uint256 refundedWei, uint256 slashedWei);
    /// @notice The requester disputed what was delivered.
    event JobDisputed(uint256 indexed jobId, bytes32 reasonDigest, uint256 bondWei, uint256 rulingUntil);
    /// @notice A job ended with its trainer's being paid, in part if it was disputed. The three parts are budget and bond.
    event JobSettled(
        uint256 indexed jobId,
        Status indexed status,
        address indexed operator,
        uint256 trainerWei,
        uint256 feeWei,
        uint256 requesterWei
    );
    /// @notice The protocol's fee on later jobs.
    event FeeSet(uint32 ppm);
    /// @notice Part of the budget that disputing a later job costs.
    event DisputeBondSet(uint32 ppm);
    /// @notice Who rules besides governance; 0 for nobody.
    event ArbiterSet(address indexed arbiter);
    /// @notice Who gets the fees.
    event TreasurySet(address indexed treasury);

    /// @notice An address that must be given is zero.
    error JobsZeroAddress();
    /// @notice A budget of nothing.
    error JobsZeroBudget();
    /// @notice A digest that must be given is zero, or there is none.
    error JobsZeroDigest();
    /// @notice There is no such model or Datanet.
    error JobsUnknownParent(bytes32 id);
    /// @notice Sources must ascend by id.
    error JobsSourceOrder(bytes32 datanetId);
    /// @notice A source as of a block that has not ended, or of none.
    error JobsSourceBlock(bytes32 datanetId, uint64 asOfBlock, uint256 currentBlock);
    /// @notice More entries than are allowed.
    error JobsTooMany(uint256 count, uint256 limit);
    /// @notice A time out of its bounds.
    error JobsTimeOutOfRange(uint256 time, uint256 least, uint256 most);
    /// @notice A penalty above the budget.
    error JobsPenaltyTooHigh(uint256 penaltyWei, uint256 budgetWei);
    /// @notice Not in this state of the job.
    error JobsWrongStatus(uint256 jobId, Status status);
    /// @notice Only the requester may do this.
    error JobsNotRequester(uint256 jobId, address sender);
    /// @notice Only the agent's operator may do this.
    error JobsNotOperator(uint256 agentId, address sender);
    /// @notice Only the arbiter or governance may do this.
    error JobsNotArbiter(address sender);
    /// @notice The agent's pool has too little active stake.
    error JobsStakeTooLow(uint256 agentId, uint256 activeWei, uint256 minStakeWei);
    /// @notice The deadline has passed.
    error JobsTooLate(uint256 jobId, uint256 until);
    /// @notice It can be done from `from` on.
    error JobsTooEarly(uint256 jobId, uint256 from);
    /// @notice The model belongs to somebody else than the terms say, or to nobody.
    error JobsModelOwner(bytes32 modelId, address owner, address expected);
    /// @notice The model was delivered for another job.
    error JobsModelUsed(bytes32 modelId, uint256 jobId);
    /// @notice A rate above its cap.
    error JobsRateTooHigh(uint256 ppm, uint256 capPpm);

    /// @notice Sets the market up, once.
    /// @param governance owns it
    /// @param guardian_ may stop new jobs
    /// @param token_ OPEN
    /// @param agents_ says who operates agents
    /// @param models_ says who owns models and Datanets
    /// @param staking_ keeps the trainers' stake; slashes only if it counts this contract among its slashers
    /// @param treasury_ gets the fees
    /// @param arbiter_ rules besides governance; 0 for nobody
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        IAgentKeys agents_,
        IModelOwners models_,
        IStaking staking_,
        address treasury_,
        address arbiter_
    ) external;

    /// @notice Orders a job and pulls its budget.
    /// @return jobId its number, from 1
    function request(Terms calldata terms) external returns (uint256 jobId);

    /// @notice Takes an order back that nobody accepted. Requester only.
    function cancel(uint256 jobId) external;

    /// @notice Accepts a job for an agent. Its operator only.
    function accept(uint256 jobId, uint256 agentId) external;

    /// @notice Delivers. The agent's operator only, within the deadline.
    function deliver(uint256 jobId, Delivery calldata delivery) external;

    /// @notice Pays the trainer: anybody after the review, the requester at once.
    function finalise(uint256 jobId) external;

    /// @notice Refunds a job whose deadline was missed, and slashes the penalty. Anybody.
    function refund(uint256 jobId) external;

    /// @notice Disputes what was delivered and pulls the bond. Requester only, within the review.
    /// @param reasonDigest digest of its reasons
    function dispute(uint256 jobId, bytes32 reasonDigest) external;

    /// @notice Divides a disputed job's budget and bond. Arbiter or governance.
    /// @param trainerPpm the trainer's part of both; the requester gets the rest
    function rule(uint256 jobId, uint32 trainerPpm) external;

    /// @notice Ends a dispute on which nobody ruled in time: each gets half of the budget, the requester its bond. Anybody.
    function draw(uint256 jobId) external;

    /// @notice Sets the fee on later jobs. Governance only.
    function setFee(uint32 ppm) external;

    /// @notice Sets the bond of disputes about later jobs. Governance only.
    function setDisputeBond(uint32 ppm) external;

    /// @notice Names who rules besides governance. Governance only.
    function setArbiter(address arbiter_) external;

    /// @notice Names who gets the fees. Governance only.
    function setTreasury(address treasury_) external;

    /// @notice What is kept of a job.
    function jobOf(uint256 jobId) external view returns (Job memory job);

    /// @notice Jobs requested so far; the last one's number.
    function jobCount() external view returns (uint256 count);

    /// @notice The job that a model was delivered for; 0 for none.
    function jobOfModel(bytes32 modelId) external view returns (uint256 jobId);
}
