// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What clients and validators say about agents
/// @notice ERC-8004's Reputation and Validation Registries in one: functions and events are spelt as there, so that what reads
/// those reads this.
/// @dev Departures: texts and tags are in the events alone, so `readFeedback` and `getValidationStatus` return none; lists and
/// summaries are the index's to make, for here they would be loops without a bound. Anybody may speak of an agent but those who
/// own or act for it; who speaks is a reader's to judge. A request's hash can be used once. Trusts the registry for who agents
/// are, and nobody else; no money is here.
interface IAgentReputation {
    /// @notice A client gave feedback; `value` has `valueDecimals` decimals.
    event NewFeedback(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        int128 value,
        uint8 valueDecimals,
        string indexed indexedTag1,
        string tag1,
        string tag2,
        string endpoint,
        string feedbackURI,
        bytes32 feedbackHash
    );
    /// @notice A client took its feedback back.
    event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex);
    /// @notice Somebody answered a feedback.
    event ResponseAppended(
        uint256 indexed agentId,
        address indexed clientAddress,
        uint64 feedbackIndex,
        address indexed responder,
        string responseURI,
        bytes32 responseHash
    );
    /// @notice An agent asked a validator to check its work.
    event ValidationRequest(
        address indexed validatorAddress,
        uint256 indexed agentId,
        string requestURI,
        bytes32 indexed requestHash
    );
    /// @notice A validator answered, from 0 to 100. It may answer again.
    event ValidationResponse(
        address indexed validatorAddress,
        uint256 indexed agentId,
        bytes32 indexed requestHash,
        uint8 response,
        string responseURI,
        bytes32 responseHash,
        string tag
    );

    /// @notice An address that must be given is zero.
    error ReputationZeroAddress();
    /// @notice There is no such agent.
    error ReputationUnknownAgent(uint256 agentId);
    /// @notice Who owns or acts for an agent does not praise it.
    error ReputationOwnAgent(uint256 agentId, address sender);
    /// @notice Only who owns or acts for the agent may ask.
    error ReputationNotItsAgent(uint256 agentId, address sender);
    /// @notice More decimals than 18, or a value beyond 1e38.
    error ReputationValueOutOfRange(int128 value, uint8 valueDecimals);
    /// @notice There is no such feedback.
    error ReputationUnknownFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex);
    /// @notice The feedback was taken back already.
    error ReputationRevoked(uint256 agentId, address clientAddress, uint64 feedbackIndex);
    /// @notice The request's hash is zero or was used.
    error ReputationRequestKnown(bytes32 requestHash);
    /// @notice Only the validator that was asked may answer.
    error ReputationNotValidator(bytes32 requestHash, address sender);
    /// @notice An answer above 100.
    error ReputationResponseTooHigh(uint8 response);

    /// @notice Sets it up, once.
    /// @param governance owns it
    /// @param guardian_ may stop new feedback and requests
    /// @param identityRegistry says who agents are
    function initialize(address governance, address guardian_, address identityRegistry) external;

    /// @notice Says something about an agent. Anybody but its own. Not while paused.
    function giveFeedback(
        uint256 agentId,
        int128 value,
        uint8 valueDecimals,
        string calldata tag1,
        string calldata tag2,
        string calldata endpoint,
        string calldata feedbackURI,
        bytes32 feedbackHash
    ) external;

    /// @notice Takes the sender's feedback back.
    function revokeFeedback(uint256 agentId, uint64 feedbackIndex) external;

    /// @notice Answers a feedback: the agent its critic, or anybody with evidence.
    function appendResponse(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex,
        string calldata responseURI,
        bytes32 responseHash
    ) external;

    /// @notice Asks a validator to check an agent's work. Who owns or acts for it. Not while paused.
    function validationRequest(
        address validatorAddress,
        uint256 agentId,
        string calldata requestURI,
        bytes32 requestHash
    ) external;

    /// @notice Answers a request. The validator that was asked.
    function validationResponse(
        bytes32 requestHash,
        uint8 response,
        string calldata responseURI,
        bytes32 responseHash,
        string calldata tag
    ) external;

    /// @notice The registry that says who agents are.
    function getIdentityRegistry() external view returns (address identityRegistry);

    /// @notice Number of a client's last feedback on an agent, from 1; 0 if it gave none.
    function getLastIndex(uint256 agentId, address clientAddress) external view returns (uint64 feedbackIndex);

    /// @notice A feedback's value.
    function readFeedback(
        uint256 agentId,
        address clientAddress,
        uint64 feedbackIndex
    ) external view returns (int128 value, uint8 valueDecimals, bool isRevoked);

    /// @notice A request's state; the time is 0 before the first answer.
    function getValidationStatus(
        bytes32 requestHash
    )
        external
        view
        returns (address validatorAddress, uint256 agentId, uint8 response, bytes32 responseHash, uint256 lastUpdate);
}
