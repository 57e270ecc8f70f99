// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IAgentRegistry} from "./IAgentRegistry.sol";
import {IReplayFaults} from "./IReplayFaults.sol";
import {IStaking} from "./IStaking.sol";

/// @title Where two receipts that conflict slash the node that signed both
/// @notice See IReplayFaults, which says what each function does, trusts and refuses.
contract ReplayFaults is IReplayFaults, Guarded {
    /// @notice Most of its slashable stake that a fault can cost an agent, parts per million.
    uint32 public constant MAX_FAULT_PPM = 300_000;
    /// @notice Least that it costs.
    uint32 public constant MIN_FAULT_PPM = 10_000;
    uint256 public constant MIN_LIABILITY_TIME = 1 days;
    uint256 public constant MAX_LIABILITY_TIME = 60 days;

    uint256 internal constant ONE_PPM = 1_000_000;
    bytes32 internal constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 internal constant NAME_HASH = keccak256("OpenLedger Inference");
    bytes32 internal constant VERSION_HASH = keccak256("1");
    // solhint-disable max-line-length
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "AnswerReceipt(bytes32 requestHash,bytes32 responseHash,bytes32 baseModelId,bytes32 modelId,bytes32 engineHash,bytes32 previousReceipt,uint32 promptTokens,uint32 completionTokens,uint128 priceWei,address payer,address node,uint64 sequence,uint64 timestampMs)"
    );
    // solhint-enable max-line-length

    /// @notice Asked who operates agents.
    IAgentRegistry public agents;
    /// @notice Keeps the pools.
    IStaking public staking;
    /// @notice The escrow whose domain the receipts have.
    address public escrow;
    /// @notice Part of its slashable stake that a fault costs an agent, parts per million.
    uint32 public faultPpm;
    /// @notice Seconds for which an agent answers for a former operator.
    uint64 public liabilityTime;
    /// @inheritdoc IReplayFaults
    mapping(uint256 agentId => mapping(bytes32 key => bool)) public isKnown;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IReplayFaults
    function initialize(
        address governance,
        address guardian_,
        IAgentRegistry agents_,
        IStaking staking_,
        address escrow_
    ) external initializer {
        require(
            address(agents_) != address(0) && address(staking_) != address(0) && escrow_ != address(0),
            ReplayZeroAddress()
        );
        __Guarded_init(governance, guardian_);
        (agents, staking, escrow) = (agents_, staking_, escrow_);
        _setFaultRate(100_000);
        _setLiabilityTime(7 days);
    }

    /// @inheritdoc IReplayFaults
    function prove(
        uint256 agentId,
        Fault fault,
        SignedReceipt calldata first,
        SignedReceipt calldata second
    ) external whenOpen returns (uint256 slashedWei) {
        address node = first.receipt.node;
        require(second.receipt.node == node, ReplayOtherNode(node, second.receipt.node));
        bytes32 firstHash = _checkSigned(first);
        bytes32 secondHash = _checkSigned(second);
        bytes32 key = _key(fault, first.receipt);
        bool conflict =
            fault == Fault.Response
                ? first.receipt.responseHash != second.receipt.responseHash
                : firstHash != secondHash;
        require(conflict && key == _key(fault, second.receipt), ReplayNoConflict(fault));
        require(_answersFor(agentId, node), ReplayNotItsNode(agentId, node));
        _use(agentId, key);
        _use(agentId, firstHash);
        _use(agentId, secondHash);
        bytes32 poolId = bytes32(agentId);
        // Our own staking, which calls nobody; a slash of nothing takes all of this back.
        slashedWei = staking.slash(poolId, (staking.slashableWei(poolId) * faultPpm) / ONE_PPM, msg.sender);
        require(slashedWei != 0, ReplayNothingSlashed(agentId));
        emit ReplayFaultProven(agentId, node, msg.sender, fault, firstHash, secondHash, slashedWei);
    }

    /// @inheritdoc IReplayFaults
    function setFaultRate(uint32 ppm) external onlyOwner {
        _setFaultRate(ppm);
    }

    /// @inheritdoc IReplayFaults
    function setLiabilityTime(uint256 liabilityTime_) external onlyOwner {
        _setLiabilityTime(liabilityTime_);
    }

    /// @inheritdoc IReplayFaults
    function hashReceipt(AnswerReceipt calldata receipt) public view returns (bytes32 receiptHash) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, escrow));
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(RECEIPT_TYPEHASH, receipt)));
    }

    function _setFaultRate(uint32 ppm) internal {
        require(ppm >= MIN_FAULT_PPM && ppm <= MAX_FAULT_PPM, ReplayRateOutOfRange(ppm, MIN_FAULT_PPM, MAX_FAULT_PPM));
        faultPpm = ppm;
        emit FaultRateSet(ppm);
    }

    function _setLiabilityTime(uint256 liabilityTime_) internal {
        require(
            liabilityTime_ >= MIN_LIABILITY_TIME && liabilityTime_ <= MAX_LIABILITY_TIME,
            ReplayTimeOutOfRange(liabilityTime_, MIN_LIABILITY_TIME, MAX_LIABILITY_TIME)
        );
        liabilityTime = uint64(liabilityTime_); // at most 60 days
        emit LiabilityTimeSet(liabilityTime_);
    }

    function _use(uint256 agentId, bytes32 key) internal {
        require(!isKnown[agentId][key], ReplayKnown(agentId, key));
        isKnown[agentId][key] = true;
    }

    function _checkSigned(SignedReceipt calldata signed) internal view returns (bytes32 receiptHash) {
        address node = signed.receipt.node;
        receiptHash = hashReceipt(signed.receipt);
        (address signer, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(receiptHash, signed.signature);
        require(failure == ECDSA.RecoverError.NoError && signer == node, ReplayBadSignature(receiptHash, node));
    }

    function _answersFor(uint256 agentId, address node) internal view returns (bool) {
        if (agents.operatorOf(agentId) == node) return true;
        uint256 ceasedAt = agents.ceasedAt(agentId, node);
        return ceasedAt != 0 && block.timestamp < ceasedAt + liabilityTime;
    }

    /// @dev Names the fault, whichever receipts show it.
    function _key(Fault fault, AnswerReceipt calldata receipt) internal pure returns (bytes32) {
        if (fault == Fault.Sequence) return keccak256(abi.encode(fault, receipt.node, receipt.sequence));
        if (fault == Fault.Predecessor) return keccak256(abi.encode(fault, receipt.node, receipt.previousReceipt));
        return
            keccak256(
                abi.encode(
                    fault,
                    receipt.node,
                    receipt.requestHash,
                    receipt.baseModelId,
                    receipt.modelId,
                    receipt.engineHash
                )
            );
    }
}
