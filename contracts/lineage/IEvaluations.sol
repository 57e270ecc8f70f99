// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentKeys} from "../agents/IAgentKeys.sol";
import {IStaking} from "../agents/IStaking.sol";
import {ILineageRegistry} from "./ILineageRegistry.sol";

/// @title What was measured of models, and by whom
/// @notice Records evaluations of registered models by staked agents or evaluators that governance named. A report is public by
/// its digest, so anybody can repeat the measurement; staked agents may challenge it in public, and flaggers mark what is wrong.
/// @dev Events carry what was measured; storage holds who stands for it and whether it is flagged. No money moves here: what a
/// false report costs is decided where the stake lies. Trusts the registry, agents and staking to tell the truth.
interface IEvaluations {
    /// @notice One number of one report.
    /// @param modelId of a registered model
    /// @param reportDigest digest of the report, which says how to repeat it
    /// @param dataDigest digest of the data set that was used, or a Datanet's id
    /// @param metric name of what was measured, such as "perplexity", in at most 32 bytes
    /// @param valueE6 the value times a million
    struct Evaluation {
        bytes32 modelId;
        bytes32 reportDigest;
        bytes32 dataDigest;
        bytes32 metric;
        int256 valueE6;
    }

    /// @notice Who stands for an evaluation.
    /// @param agentId 0 if it was recorded by an evaluator
    struct Record {
        address evaluator;
        uint48 recordedAt;
        bool isFlagged;
        uint256 agentId;
    }

    /// @notice An evaluation was recorded.
    event EvaluationRecorded(
        bytes32 indexed evaluationId,
        bytes32 indexed modelId,
        address indexed evaluator,
        uint256 agentId,
        bytes32 reportDigest,
        bytes32 dataDigest,
        bytes32 metric,
        int256 valueE6
    );
    /// @notice An agent contradicted an evaluation, with a report of its own.
    event EvaluationChallenged(
        bytes32 indexed evaluationId,
        uint256 indexed agentId,
        address indexed challenger,
        bytes32 reportDigest
    );
    /// @notice An evaluation was found wrong, or right again: readers pass over flagged ones.
    event EvaluationFlagSet(bytes32 indexed evaluationId, address indexed flagger, bool flagged, bytes32 reasonDigest);
    /// @notice An account may, or may no longer, record evaluations without an agent.
    event EvaluatorSet(address indexed evaluator, bool allowed);
    /// @notice An account may, or may no longer, flag evaluations.
    event EvaluationFlaggerSet(address indexed flagger, bool allowed);
    /// @notice Active stake that an agent needs from now on, to record and to challenge.
    event MinStakeSet(uint256 minStakeWei);

    /// @notice An address that must be given is zero.
    error EvaluationsZeroAddress();
    /// @notice A digest or a name that must be given is zero.
    error EvaluationsZeroDigest();
    /// @notice The sender does not act for this agent.
    error EvaluationsNotOperator(uint256 agentId, address sender);
    /// @notice The agent has too little active stake.
    error EvaluationsStakeTooLow(uint256 agentId, uint256 stakeWei, uint256 leastWei);
    /// @notice The sender is no evaluator.
    error EvaluationsNotEvaluator(address sender);
    /// @notice The sender is no flagger.
    error EvaluationsNotFlagger(address sender);
    /// @notice No evaluation has this id.
    error EvaluationsUnknown(bytes32 evaluationId);
    /// @notice The very same evaluation is recorded already.
    error EvaluationsExists(bytes32 evaluationId);
    /// @notice The stake asked of agents is out of its bounds.
    error EvaluationsMinStakeOutOfRange(uint256 minStakeWei, uint256 least, uint256 most);

    /// @notice Sets the contract up, once.
    /// @param guardian_ may pause; 0 for governance alone
    function initialize(
        address governance,
        address guardian_,
        ILineageRegistry registry,
        IAgentKeys agents,
        IStaking staking,
        uint256 minStakeWei_
    ) external;

    /// @notice Records an evaluation for a staked agent: its operator only. Stopped by a pause.
    /// @return evaluationId hash of chain, contract, sender, agent and evaluation
    function record(uint256 agentId, Evaluation calldata evaluation) external returns (bytes32 evaluationId);

    /// @notice Records an evaluation without an agent: evaluators only. Stopped by a pause.
    /// @return evaluationId as above, agent 0
    function recordAsEvaluator(Evaluation calldata evaluation) external returns (bytes32 evaluationId);

    /// @notice Contradicts an evaluation for a staked agent: its operator only.
    /// @param reportDigest digest of the report that contradicts
    function challenge(bytes32 evaluationId, uint256 agentId, bytes32 reportDigest) external;

    /// @notice Marks an evaluation as wrong, or takes the mark off. Flaggers only.
    function setFlag(bytes32 evaluationId, bool flagged, bytes32 reasonDigest) external;

    /// @notice Allows or forbids an account to record evaluations without an agent. Governance only.
    function setEvaluator(address evaluator, bool allowed) external;

    /// @notice Allows or forbids an account to flag evaluations. Governance only.
    function setFlagger(address flagger, bool allowed) external;

    /// @notice Sets the active stake that an agent needs, MIN_STAKE_FLOOR_WEI to MAX_STAKE_WEI. Governance only.
    function setMinStake(uint256 minStakeWei_) external;

    /// @notice Who stands for an evaluation.
    function recordOf(bytes32 evaluationId) external view returns (Record memory record_);

    /// @notice The id that an evaluation gets when `evaluator` records it; agent 0 for none.
    function evaluationIdOf(
        address evaluator,
        uint256 agentId,
        Evaluation calldata evaluation
    ) external view returns (bytes32 evaluationId);

    /// @notice Whether an account may record evaluations without an agent.
    function isEvaluator(address evaluator) external view returns (bool allowed);

    /// @notice Whether an account may flag evaluations.
    function isFlagger(address flagger) external view returns (bool allowed);

    /// @notice Active stake that an agent needs, wei.
    function minStakeWei() external view returns (uint256 amountWei);
}
