// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IStaking} from "../agents/IStaking.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IEvaluations} from "./IEvaluations.sol";
import {ILineageRegistry} from "./ILineageRegistry.sol";

/// @title What was measured of models, and by whom
/// @notice See IEvaluations, which says what each function does, trusts and refuses.
contract Evaluations is IEvaluations, Guarded {
    /// @notice Least that governance can ask of agents: 1 OPEN.
    uint256 public constant MIN_STAKE_FLOOR_WEI = 1e18;
    /// @notice Most that governance can ask of agents: 100,000 OPEN.
    uint256 public constant MAX_STAKE_WEI = 1e23;

    /// @notice Asked whether a model is registered.
    ILineageRegistry public registry;
    /// @notice Asked who acts for agents.
    IAgentKeys public agents;
    /// @notice Asked for the stake behind agents.
    IStaking public staking;
    /// @inheritdoc IEvaluations
    uint256 public minStakeWei;
    /// @inheritdoc IEvaluations
    mapping(address evaluator => bool) public isEvaluator;
    /// @inheritdoc IEvaluations
    mapping(address flagger => bool) public isFlagger;
    mapping(bytes32 evaluationId => Record) internal _records;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IEvaluations
    function initialize(
        address governance,
        address guardian_,
        ILineageRegistry registry_,
        IAgentKeys agents_,
        IStaking staking_,
        uint256 minStakeWei_
    ) external initializer {
        require(
            address(registry_) != address(0) && address(agents_) != address(0) && address(staking_) != address(0),
            EvaluationsZeroAddress()
        );
        __Guarded_init(governance, guardian_);
        (registry, agents, staking) = (registry_, agents_, staking_);
        _setMinStake(minStakeWei_);
    }

    /// @inheritdoc IEvaluations
    function record(uint256 agentId, Evaluation calldata evaluation) external whenOpen returns (bytes32 evaluationId) {
        _checkAgent(agentId);
        return _record(agentId, evaluation);
    }

    /// @inheritdoc IEvaluations
    function recordAsEvaluator(Evaluation calldata evaluation) external whenOpen returns (bytes32 evaluationId) {
        require(isEvaluator[msg.sender], EvaluationsNotEvaluator(msg.sender));
        return _record(0, evaluation);
    }

    /// @inheritdoc IEvaluations
    function challenge(bytes32 evaluationId, uint256 agentId, bytes32 reportDigest) external {
        require(_records[evaluationId].evaluator != address(0), EvaluationsUnknown(evaluationId));
        require(reportDigest != 0, EvaluationsZeroDigest());
        _checkAgent(agentId);
        emit EvaluationChallenged(evaluationId, agentId, msg.sender, reportDigest);
    }

    /// @inheritdoc IEvaluations
    function setFlag(bytes32 evaluationId, bool flagged, bytes32 reasonDigest) external {
        require(isFlagger[msg.sender], EvaluationsNotFlagger(msg.sender));
        require(_records[evaluationId].evaluator != address(0), EvaluationsUnknown(evaluationId));
        _records[evaluationId].isFlagged = flagged;
        emit EvaluationFlagSet(evaluationId, msg.sender, flagged, reasonDigest);
    }

    /// @inheritdoc IEvaluations
    function setEvaluator(address evaluator, bool allowed) external onlyOwner {
        require(evaluator != address(0), EvaluationsZeroAddress());
        isEvaluator[evaluator] = allowed;
        emit EvaluatorSet(evaluator, allowed);
    }

    /// @inheritdoc IEvaluations
    function setFlagger(address flagger, bool allowed) external onlyOwner {
        require(flagger != address(0), EvaluationsZeroAddress());
        isFlagger[flagger] = allowed;
        emit EvaluationFlaggerSet(flagger, allowed);
    }

    /// @inheritdoc IEvaluations
    function setMinStake(uint256 minStakeWei_) external onlyOwner {
        _setMinStake(minStakeWei_);
    }

    /// @inheritdoc IEvaluations
    function recordOf(bytes32 evaluationId) external view returns (Record memory record_) {
        return _records[evaluationId];
    }

    /// @inheritdoc IEvaluations
    function evaluationIdOf(
        address evaluator,
        uint256 agentId,
        Evaluation calldata evaluation
    ) public view returns (bytes32 evaluationId) {
        return keccak256(abi.encode(block.chainid, address(this), evaluator, agentId, evaluation));
    }

    function _record(uint256 agentId, Evaluation calldata evaluation) internal returns (bytes32 evaluationId) {
        require(
            evaluation.reportDigest != 0 && evaluation.dataDigest != 0 && evaluation.metric != 0,
            EvaluationsZeroDigest()
        );
        registry.modelOf(evaluation.modelId); // refuses what is unknown
        evaluationId = evaluationIdOf(msg.sender, agentId, evaluation);
        require(_records[evaluationId].evaluator == address(0), EvaluationsExists(evaluationId));
        _records[evaluationId] = Record(msg.sender, uint48(block.timestamp), false, agentId);
        emit EvaluationRecorded(
            evaluationId,
            evaluation.modelId,
            msg.sender,
            agentId,
            evaluation.reportDigest,
            evaluation.dataDigest,
            evaluation.metric,
            evaluation.valueE6
        );
    }

    function _checkAgent(uint256 agentId) internal view {
        require(agents.operatorOf(agentId) == msg.sender, EvaluationsNotOperator(agentId, msg.sender));
        uint256 stakeWei = staking.activeWei(bytes32(agentId));
        require(stakeWei >= minStakeWei, EvaluationsStakeTooLow(agentId, stakeWei, minStakeWei));
    }

    function _setMinStake(uint256 minStakeWei_) internal {
        require(
            minStakeWei_ >= MIN_STAKE_FLOOR_WEI && minStakeWei_ <= MAX_STAKE_WEI,
            EvaluationsMinStakeOutOfRange(minStakeWei_, MIN_STAKE_FLOOR_WEI, MAX_STAKE_WEI)
        );
        minStakeWei = minStakeWei_;
        emit MinStakeSet(minStakeWei_);
    }
}
