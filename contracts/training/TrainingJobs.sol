// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IModelOwners} from "../agents/IModelOwners.sol";
import {IStaking} from "../agents/IStaking.sol";
import {Guarded} from "../governance/Guarded.sol";
import {ITrainingJobs} from "./ITrainingJobs.sol";

/// @title Where training is ordered and paid for
/// @notice See ITrainingJobs, which says what each function does, trusts and refuses.
contract TrainingJobs is ITrainingJobs, Guarded {
    using SafeERC20 for IERC20;

    /// @notice Highest fee, parts per million.
    uint32 public constant MAX_FEE_PPM = 100_000;
    /// @notice Highest bond of a dispute, parts per million of the budget.
    uint32 public constant MAX_BOND_PPM = 500_000;
    uint256 public constant MIN_REVIEW_TIME = 1 hours;
    uint256 public constant MAX_REVIEW_TIME = 30 days;
    /// @notice Longest time from request to deadline.
    uint256 public constant MAX_JOB_TIME = 365 days;
    /// @notice How long the arbiter and governance may take to rule.
    uint256 public constant RULING_TIME = 14 days;
    uint256 public constant MAX_SOURCES = 32;
    uint256 public constant MAX_ARTEFACTS = 32;

    uint32 internal constant ONE_PPM = 1_000_000;

    /// @notice OPEN.
    IERC20 public token;
    /// @notice Asked who operates agents.
    IAgentKeys public agents;
    /// @notice Asked who owns models and Datanets.
    IModelOwners public models;
    /// @notice Keeps the trainers' stake.
    IStaking public staking;
    /// @notice Gets the fees.
    address public treasury;
    /// @notice Fee on jobs requested from now on, parts per million.
    uint32 public feePpm;
    /// @notice Bond of disputes about jobs requested from now on, parts per million of the budget.
    uint32 public bondPpm;
    /// @notice Rules besides governance.
    address public arbiter;
    /// @inheritdoc ITrainingJobs
    uint256 public jobCount;
    /// @inheritdoc ITrainingJobs
    mapping(bytes32 modelId => uint256) public jobOfModel;
    mapping(uint256 jobId => Job) internal _jobs;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc ITrainingJobs
    function initialize(
        address governance,
        address guardian_,
        IERC20 token_,
        IAgentKeys agents_,
        IModelOwners models_,
        IStaking staking_,
        address treasury_,
        address arbiter_
    ) external initializer {
        require(
            address(token_) != address(0) &&
                address(agents_) != address(0) &&
                address(models_) != address(0) &&
                address(staking_) != address(0),
            JobsZeroAddress()
        );
        __Guarded_init(governance, guardian_);
        (token, agents, models, staking) = (token_, agents_, models_, staking_);
        _setTreasury(treasury_);
        _setArbiter(arbiter_);
        _setFee(25_000);
        _setDisputeBond(100_000);
    }

    /// @inheritdoc ITrainingJobs
    function request(Terms calldata terms) external whenOpen returns (uint256 jobId) {
        require(terms.budgetWei != 0, JobsZeroBudget());
        require(terms.recipeDigest != 0, JobsZeroDigest());
        require(terms.penaltyWei <= terms.budgetWei, JobsPenaltyTooHigh(terms.penaltyWei, terms.budgetWei));
        _checkTime(terms.deadline, block.timestamp + 1, block.timestamp + MAX_JOB_TIME);
        _checkTime(terms.reviewTime, MIN_REVIEW_TIME, MAX_REVIEW_TIME);
        require(models.ownerOf(terms.baseModelId) != address(0), JobsUnknownParent(terms.baseModelId));
        _checkSources(terms.sources);
        jobId = ++jobCount;
        Job storage job = _jobs[jobId];
        job.requester = msg.sender;
        job.status = Status.Requested;
        job.modelOwner = terms.modelOwner;
        job.reviewTime = terms.reviewTime;
        job.feePpm = feePpm;
        job.budgetWei = terms.budgetWei;
        // A part of the budget, which is a uint128.
        job.bondWei = uint128(_part(terms.budgetWei, bondPpm));
        job.minStakeWei = terms.minStakeWei;
        job.penaltyWei = terms.penaltyWei;
        job.deadline = terms.deadline;
        emit JobRequested(jobId, msg.sender, terms.baseModelId, terms);
        token.safeTransferFrom(msg.sender, address(this), terms.budgetWei);
    }

    /// @inheritdoc ITrainingJobs
    function cancel(uint256 jobId) external {
        Job storage job = _jobIn(jobId, Status.Requested);
        require(msg.sender == job.requester, JobsNotRequester(jobId, msg.sender));
        job.status = Status.Cancelled;
        emit JobCancelled(jobId, job.budgetWei);
        token.safeTransfer(job.requester, job.budgetWei);
    }

    /// @inheritdoc ITrainingJobs
    function accept(uint256 jobId, uint256 agentId) external whenOpen {
        Job storage job = _jobIn(jobId, Status.Requested);
        require(block.timestamp <= job.deadline, JobsTooLate(jobId, job.deadline));
        require(msg.sender == agents.operatorOf(agentId), JobsNotOperator(agentId, msg.sender));
        uint256 activeWei = staking.activeWei(bytes32(agentId));
        require(activeWei >= job.minStakeWei, JobsStakeTooLow(agentId, activeWei, job.minStakeWei));
        job.status = Status.Accepted;
        job.agentId = agentId;
        emit JobAccepted(jobId, agentId, msg.sender);
    }

    /// @inheritdoc ITrainingJobs
    function deliver(uint256 jobId, Delivery calldata delivery) external {
        Job storage job = _jobIn(jobId, Status.Accepted);
        require(msg.sender == agents.operatorOf(job.agentId), JobsNotOperator(job.agentId, msg.sender));
        require(block.timestamp <= job.deadline, JobsTooLate(jobId, job.deadline));
        uint256 artefacts = delivery.artefactDigests.length;
        require(artefacts <= MAX_ARTEFACTS, JobsTooMany(artefacts, MAX_ARTEFACTS));
        require(artefacts != 0 && delivery.evaluationDigest != 0, JobsZeroDigest());
        for (uint256 i; i < artefacts; ++i) require(delivery.artefactDigests[i] != 0, JobsZeroDigest());
        bytes32 modelId = delivery.modelId;
        uint256 usedFor = jobOfModel[modelId];
        require(usedFor == 0, JobsModelUsed(modelId, usedFor));
        address expected = job.modelOwner == ModelOwner.Requester ? job.requester : msg.sender;
        address modelOwner = models.ownerOf(modelId);
        require(modelOwner == expected, JobsModelOwner(modelId, modelOwner, expected));
        job.status = Status.Delivered;
        job.actedAt = uint64(block.timestamp);
        job.modelId = modelId;
        jobOfModel[modelId] = jobId;
        emit JobDelivered(
            jobId,
            job.agentId,
            modelId,
            delivery.evaluationDigest,
            delivery.artefactDigests,
            block.timestamp + job.reviewTime
        );
    }

    /// @inheritdoc ITrainingJobs
    function finalise(uint256 jobId) external {
        Job storage job = _jobIn(jobId, Status.Delivered);
        uint256 reviewUntil = uint256(job.actedAt) + job.reviewTime;
        require(block.timestamp >= reviewUntil || msg.sender == job.requester, JobsTooEarly(jobId, reviewUntil));
        _settle(jobId, job, Status.Paid, job.budgetWei, 0, 0);
    }

    /// @inheritdoc ITrainingJobs
    /// @dev The penalty is no bounty, not even in part: an operator could order from itself to live on its delegators. Whatever
    /// hinders the slash, the refund goes through.
    function refund(uint256 jobId) external {
        Job storage job = _jobIn(jobId, Status.Accepted);
        require(block.timestamp > job.deadline, JobsTooEarly(jobId, uint256(job.deadline) + 1));
        job.status = Status.Refunded;
        uint256 slashedWei;
        if (job.penaltyWei != 0) {
            try staking.slash(bytes32(job.agentId), job.penaltyWei, address(0)) returns (uint256 takenWei) {
                slashedWei = takenWei;
            } catch {}
        }
        emit JobRefunded(jobId, job.budgetWei, slashedWei);
        token.safeTransfer(job.requester, job.budgetWei);
    }

    /// @inheritdoc ITrainingJobs
    function dispute(uint256 jobId, bytes32 reasonDigest) external {
        Job storage job = _jobIn(jobId, Status.Delivered);
        require(msg.sender == job.requester, JobsNotRequester(jobId, msg.sender));
        require(reasonDigest != 0, JobsZeroDigest());
        uint256 reviewUntil = uint256(job.actedAt) + job.reviewTime;
        require(block.timestamp < reviewUntil, JobsTooLate(jobId, reviewUntil));
        job.status = Status.Disputed;
        job.actedAt = uint64(block.timestamp);
        emit JobDisputed(jobId, reasonDigest, job.bondWei, block.timestamp + RULING_TIME);
        token.safeTransferFrom(msg.sender, address(this), job.bondWei);
    }

    /// @inheritdoc ITrainingJobs
    function rule(uint256 jobId, uint32 trainerPpm) external {
        require(msg.sender == arbiter || msg.sender == owner(), JobsNotArbiter(msg.sender));
        require(trainerPpm <= ONE_PPM, JobsRateTooHigh(trainerPpm, ONE_PPM));
        Job storage job = _jobIn(jobId, Status.Disputed);
        uint256 bondWei = job.bondWei;
        uint256 trainerBondWei = _part(bondWei, trainerPpm);
        uint256 trainerBudgetWei = _part(job.budgetWei, trainerPpm);
        _settle(jobId, job, Status.Divided, trainerBudgetWei, trainerBondWei, bondWei - trainerBondWei);
    }

    /// @inheritdoc ITrainingJobs
    function draw(uint256 jobId) external {
        Job storage job = _jobIn(jobId, Status.Disputed);
        uint256 rulingUntil = job.actedAt + RULING_TIME;
        require(block.timestamp >= rulingUntil, JobsTooEarly(jobId, rulingUntil));
        _settle(jobId, job, Status.Drawn, job.budgetWei / 2, 0, job.bondWei);
    }

    /// @inheritdoc ITrainingJobs
    function setFee(uint32 ppm) external onlyOwner {
        _setFee(ppm);
    }

    /// @inheritdoc ITrainingJobs
    function setDisputeBond(uint32 ppm) external onlyOwner {
        _setDisputeBond(ppm);
    }

    /// @inheritdoc ITrainingJobs
    function setArbiter(address arbiter_) external onlyOwner {
        _setArbiter(arbiter_);
    }

    /// @inheritdoc ITrainingJobs
    function setTreasury(address treasury_) external onlyOwner {
        _setTreasury(treasury_);
    }

    /// @inheritdoc ITrainingJobs
    function jobOf(uint256 jobId) external view returns (Job memory job) {
        return _jobs[jobId];
    }

    function _setFee(uint32 ppm) internal {
        require(ppm <= MAX_FEE_PPM, JobsRateTooHigh(ppm, MAX_FEE_PPM));
        feePpm = ppm;
        emit FeeSet(ppm);
    }

    function _setDisputeBond(uint32 ppm) internal {
        require(ppm <= MAX_BOND_PPM, JobsRateTooHigh(ppm, MAX_BOND_PPM));
        bondPpm = ppm;
        emit DisputeBondSet(ppm);
    }

    function _setArbiter(address arbiter_) internal {
        arbiter = arbiter_;
        emit ArbiterSet(arbiter_);
    }

    function _setTreasury(address treasury_) internal {
        require(treasury_ != address(0), JobsZeroAddress());
        treasury = treasury_;
        emit TreasurySet(treasury_);
    }

    /// @dev Order matters: the trainer's part of the budget -> the fee out of it -> the requester gets what the budget leaves.
    /// The parts sum to budget and bond, to the wei.
    function _settle(
        uint256 jobId,
        Job storage job,
        Status status,
        uint256 trainerBudgetWei,
        uint256 trainerBondWei,
        uint256 requesterBondWei
    ) internal {
        uint256 feeWei = _part(trainerBudgetWei, job.feePpm);
        uint256 trainerWei = trainerBudgetWei - feeWei + trainerBondWei;
        uint256 requesterWei = job.budgetWei - trainerBudgetWei + requesterBondWei;
        address operator = agents.operatorOf(job.agentId);
        job.status = status;
        emit JobSettled(jobId, status, operator, trainerWei, feeWei, requesterWei);
        token.safeTransfer(treasury, feeWei);
        token.safeTransfer(operator, trainerWei);
        token.safeTransfer(job.requester, requesterWei);
    }

    function _jobIn(uint256 jobId, Status status) internal view returns (Job storage job) {
        job = _jobs[jobId];
        require(job.status == status, JobsWrongStatus(jobId, job.status));
    }

    function _checkSources(Source[] calldata sources) internal view {
        require(sources.length <= MAX_SOURCES, JobsTooMany(sources.length, MAX_SOURCES));
        bytes32 last;
        for (uint256 i; i < sources.length; ++i) {
            (bytes32 datanetId, uint64 asOfBlock) = (sources[i].datanetId, sources[i].asOfBlock);
            require(datanetId > last, JobsSourceOrder(datanetId));
            last = datanetId;
            require(models.ownerOf(datanetId) != address(0), JobsUnknownParent(datanetId));
            require(asOfBlock != 0 && asOfBlock < block.number, JobsSourceBlock(datanetId, asOfBlock, block.number));
        }
    }

    function _checkTime(uint256 time, uint256 least, uint256 most) internal pure {
        require(time >= least && time <= most, JobsTimeOutOfRange(time, least, most));
    }

    /// @dev Rounded down.
    function _part(uint256 amountWei, uint256 ppm) internal pure returns (uint256 partWei) {
        return (amountWei * ppm) / ONE_PPM;
    }
}
