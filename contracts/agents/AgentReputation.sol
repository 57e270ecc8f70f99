// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {Guarded} from "../governance/Guarded.sol";
import {IAgentKeys} from "./IAgentKeys.sol";
import {IAgentReputation} from "./IAgentReputation.sol";

/// @title What clients and validators say about agents
/// @notice See IAgentReputation, which says what each function does, trusts and refuses.
contract AgentReputation is IAgentReputation, Guarded {
    uint8 internal constant MAX_DECIMALS = 18;
    int128 internal constant MAX_VALUE = 1e38;
    uint8 internal constant MAX_RESPONSE = 100;

    /// @dev One slot.
    struct Feedback {
        int128 value;
        uint8 valueDecimals;
        bool isRevoked;
    }

    struct Validation {
        address validatorAddress;
        uint8 response;
        uint64 lastUpdate;
        uint256 agentId;
        bytes32 responseHash;
    }

    /// @inheritdoc IAgentReputation
    address public getIdentityRegistry;
    /// @inheritdoc IAgentReputation
    mapping(uint256 agentId => mapping(address clientAddress => uint64)) public getLastIndex;
    mapping(uint256 agentId => mapping(address client => mapping(uint64 index => Feedback))) internal _feedback;
    mapping(bytes32 requestHash => Validation) internal _validations;

    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IAgentReputation
    function initialize(address governance, address guardian_, address identityRegistry) external initializer {
        require(identityRegistry != address(0), ReputationZeroAddress());
        __Guarded_init(governance, guardian_);
        getIdentityRegistry = identityRegistry;
    }

    /// @inheritdoc IAgentReputation
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external whenOpen {
        require(
            valueDecimals <= MAX_DECIMALS && value <= MAX_VALUE && value >= -MAX_VALUE,
            ReputationValueOutOfRange(value, valueDecimals)
        );
        require(!_isOwn(agentId), ReputationOwnAgent(agentId, msg.sender));
        uint64 feedbackIndex = ++getLastIndex[agentId][msg.sender];
        _feedback[agentId][msg.sender][feedbackIndex] = Feedback(value, valueDecimals, false);
        emit NewFeedback(
            agentId,
            msg.sender,
            feedbackIndex,
            value,
            valueDecimals,
            tag1,
            tag1,
            tag2,
            endpoint,
            feedbackURI,
            feedbackHash
        );
    }

    /// @inheritdoc IAgentReputation
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external {
        Feedback storage given = _feedbackAt(agentId, msg.sender, feedbackIndex);
        require(!given.isRevoked, ReputationRevoked(agentId, msg.sender, feedbackIndex));
        given.isRevoked = true;
        emit FeedbackRevoked(agentId, msg.sender, feedbackIndex);
    }

    /// @inheritdoc IAgentReputation
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external {
        _feedbackAt(agentId, clientAddress, feedbackIndex);
        emit ResponseAppended(agentId, clientAddress, feedbackIndex, msg.sender, responseURI, responseHash);
    }

    /// @inheritdoc IAgentReputation
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external whenOpen {
        require(validatorAddress != address(0), ReputationZeroAddress());
        require(_isOwn(agentId), ReputationNotItsAgent(agentId, msg.sender));
        Validation storage validation = _validations[requestHash];
        require(requestHash != 0 && validation.validatorAddress == address(0), ReputationRequestKnown(requestHash));
        validation.validatorAddress = validatorAddress;
        validation.agentId = agentId;
        emit ValidationRequest(validatorAddress, agentId, requestURI, requestHash);
    }

    /// @inheritdoc IAgentReputation
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external {
        Validation storage validation = _validations[requestHash];
        require(msg.sender == validation.validatorAddress, ReputationNotValidator(requestHash, msg.sender));
        require(response <= MAX_RESPONSE, ReputationResponseTooHigh(response));
        validation.response = response;
        validation.lastUpdate = uint64(block.timestamp);
        validation.responseHash = responseHash;
        emit ValidationResponse(msg.sender, validation.agentId, requestHash, response, responseURI, responseHash, tag);
    }

    /// @inheritdoc IAgentReputation
    function readFeedback(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex
    ) external view returns (int128 value, uint8 valueDecimals, bool isRevoked) {
        Feedback memory given = _feedbackAt(agentId, clientAddress, feedbackIndex);
        return (given.value, given.valueDecimals, given.isRevoked);
    }

    /// @inheritdoc IAgentReputation
    function getValidationStatus(
        bytes32 requestHash
    )
        external
        view
        returns (address validatorAddress, uint256 agentId, uint8 response, bytes32 responseHash, uint256 lastUpdate)
    {
        Validation memory validation = _validations[requestHash];
        return (
            validation.validatorAddress,
            validation.agentId,
            validation.response,
            validation.responseHash,
            validation.lastUpdate
        );
    }

    function _feedbackAt(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex
    ) internal view returns (Feedback storage given) {
        require(
            feedbackIndex != 0 && feedbackIndex <= getLastIndex[agentId][clientAddress],
            ReputationUnknownFeedback(agentId, clientAddress, feedbackIndex)
        );
        return _feedback[agentId][clientAddress][feedbackIndex];
    }

    /// @dev Whether the sender owns the agent, acts for it, or is approved to.
    function _isOwn(uint256 agentId) internal view returns (bool) {
        address operator = IAgentKeys(getIdentityRegistry).operatorOf(agentId);
        require(operator != address(0), ReputationUnknownAgent(agentId));
        IERC721 registry = IERC721(getIdentityRegistry);
        address owner = registry.ownerOf(agentId);
        return
            msg.sender == operator ||
            msg.sender == owner ||
            msg.sender == registry.getApproved(agentId) ||
            registry.isApprovedForAll(owner, msg.sender);
    }
}
