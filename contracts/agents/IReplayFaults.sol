// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentRegistry} from "./IAgentRegistry.sol";
import {IStaking} from "./IStaking.sol";

/// @title Where two receipts that conflict slash the node that signed both
/// @notice A node numbers its receipts without gaps, each naming the one before, and a request's digest holds seed and nonce, so
/// an engine answers it in one way. Two receipts of one node with the same number, the same predecessor, or the same request
/// to the same model and engine but another response, are a fault that needs no judge.
/// @dev Only a key's signature counts: what a contract accepts can change. An agent answers for its operator, and for a former
/// one for the liability time, in which the stake of then cannot have left. What was proven is kept for each agent: naming a
/// poor agent of the same node spares no other. Anybody may copy a proof that is not yet mined; the fault is slashed all the
/// same. A node that lost its log must go on with another key. Trusts the registry for who operates what, and staking's caps.
interface IReplayFaults {
    /// @notice In what two receipts conflict.
    enum Fault {
        Sequence,
        Predecessor,
        Response
    }

    /// @notice What a node signs about an answer (EIP-712; the domain of the escrow).
    /// @param requestHash digest of the request, seed and nonce included
    /// @param responseHash digest of the response
    /// @param baseModelId the base model
    /// @param modelId the adapter that answered; the base itself when none did
    /// @param engineHash names graph, precision and runtime
    /// @param previousReceipt hash of the node's receipt before; 0 for its first
    /// @param promptTokens tokens read
    /// @param completionTokens tokens written
    /// @param priceWei price
    /// @param payer who pays
    /// @param node who answered and signed
    /// @param sequence number of the receipt, from 0
    /// @param timestampMs when it was signed, milliseconds
    struct AnswerReceipt {
        bytes32 requestHash;
        bytes32 responseHash;
        bytes32 baseModelId;
        bytes32 modelId;
        bytes32 engineHash;
        bytes32 previousReceipt;
        uint32 promptTokens;
        uint32 completionTokens;
        uint128 priceWei;
        address payer;
        address node;
        uint64 sequence;
        uint64 timestampMs;
    }

    /// @notice A receipt and its node's signature.
    struct SignedReceipt {
        AnswerReceipt receipt;
        bytes signature;
    }

    /// @notice A node signed both receipts; its agent lost `slashedWei`.
    event ReplayFaultProven(
        uint256 indexed agentId,
        address indexed node,
        address indexed prover,
        Fault fault,
        bytes32 firstReceipt,
        bytes32 secondReceipt,
        uint256 slashedWei
    );
    /// @notice Part of its slashable stake that a fault costs an agent.
    event FaultRateSet(uint32 ppm);
    /// @notice Seconds for which an agent answers for a former operator.
    event LiabilityTimeSet(uint256 liabilityTime);

    /// @notice An address that must be given is zero.
    error ReplayZeroAddress();
    /// @notice The receipts are of different nodes.
    error ReplayOtherNode(address firstNode, address secondNode);
    /// @notice The receipts do not conflict in this.
    error ReplayNoConflict(Fault fault);
    /// @notice The node did not sign this receipt.
    error ReplayBadSignature(bytes32 receiptHash, address node);
    /// @notice The node neither operates the agent nor did so within the liability time.
    error ReplayNotItsNode(uint256 agentId, address node);
    /// @notice The agent was slashed for this fault, or for one of these receipts, already.
    error ReplayKnown(uint256 agentId, bytes32 key);
    /// @notice The agent has nothing that can be slashed now. The proof can be shown again.
    error ReplayNothingSlashed(uint256 agentId);
    /// @notice A rate out of its bounds.
    error ReplayRateOutOfRange(uint256 ppm, uint256 least, uint256 most);
    /// @notice A time out of its bounds.
    error ReplayTimeOutOfRange(uint256 time, uint256 least, uint256 most);

    /// @notice Sets it up, once. Staking must count it among its slashers.
    /// @param governance owns it
    /// @param guardian_ may stop proofs
    /// @param agents_ says who operates agents
    /// @param staking_ keeps the pools
    /// @param escrow_ the escrow whose domain the receipts have
    function initialize(
        address governance,
        address guardian_,
        IAgentRegistry agents_,
        IStaking staking_,
        address escrow_
    ) external;

    /// @notice Slashes an agent for two receipts that conflict. Anybody; the bounty is the sender's. Not while paused.
    /// @return slashedWei what was taken
    function prove(
        uint256 agentId,
        Fault fault,
        SignedReceipt calldata first,
        SignedReceipt calldata second
    ) external returns (uint256 slashedWei);

    /// @notice Sets what a fault costs. Governance only.
    function setFaultRate(uint32 ppm) external;

    /// @notice Sets how long an agent answers for a former operator. Governance only.
    function setLiabilityTime(uint256 liabilityTime_) external;

    /// @notice What a node signs.
    function hashReceipt(AnswerReceipt calldata receipt) external view returns (bytes32 receiptHash);

    /// @notice Whether an agent was slashed for a fault's key or a receipt.
    function isKnown(uint256 agentId, bytes32 key) external view returns (bool known);
}
