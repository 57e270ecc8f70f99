// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentKeys} from "./IAgentKeys.sol";

/// @title Who the agents are
/// @notice An agent is an ERC-721 token whose URI points to its registration file, as ERC-8004's Identity Registry has it:
/// functions, events and the wallet's proof are spelt as there. Agents are numbered from 1.
/// @dev Departures: `getAgentWallet` names the owner wherever no wallet is set, so also after a transfer, where the ERC says
/// 0; `operatorOf` is the same answer without an error for what does not exist. Tokens are minted without asking a receiving
/// contract, so that nothing foreign runs within. `ceasedAt` is ours: an operator that changes its wallet or sells its agent
/// is still known for what it did before.
interface IAgentRegistry is IAgentKeys {
    /// @notice A key and its value, kept with the agent.
    struct MetadataEntry {
        string metadataKey;
        bytes metadataValue;
    }

    /// @notice An agent was registered.
    event Registered(uint256 indexed agentId, string agentURI, address indexed owner);
    /// @notice An agent's registration file moved.
    event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy);
    /// @notice A value was set. The key "agentWallet" carries the wallet's 20 bytes, none when it was cleared.
    event MetadataSet(
        uint256 indexed agentId,
        string indexed indexedMetadataKey,
        string metadataKey,
        bytes metadataValue
    );
    /// @notice An account no longer acts for an agent.
    event OperatorCeased(uint256 indexed agentId, address indexed operator);

    /// @notice Neither the agent's owner nor approved by it.
    error AgentNotAuthorized(uint256 agentId, address sender);
    /// @notice "agentWallet" is set by proof alone.
    error AgentReservedKey(string metadataKey);
    /// @notice A wallet that must be given is zero.
    error AgentZeroWallet();
    /// @notice The wallet's proof is too old.
    error AgentProofExpired(uint256 deadline, uint256 time);
    /// @notice The proof is not the wallet's.
    error AgentBadProof(address wallet);

    /// @notice Sets the registry up, once.
    /// @param governance owns it
    /// @param guardian_ may stop new registrations
    function initialize(address governance, address guardian_) external;

    /// @notice Registers an agent of the sender's. Not while paused.
    /// @return agentId its number
    function register(string calldata agentURI, MetadataEntry[] calldata metadata) external returns (uint256 agentId);

    /// @notice The same without metadata.
    function register(string calldata agentURI) external returns (uint256 agentId);

    /// @notice The same without a registration file; it can be set later.
    function register() external returns (uint256 agentId);

    /// @notice Points an agent to another registration file. Owner or approved.
    function setAgentURI(uint256 agentId, string calldata newURI) external;

    /// @notice Sets a value. Owner or approved.
    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) external;

    /// @notice Names the account that acts for an agent. Owner or approved, with the account's consent: its EIP-712
    /// signature (domain name "ERC8004IdentityRegistry", version "1") of
    /// AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline), or what ERC-1271 accepts.
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external;

    /// @notice Clears an agent's wallet: its owner acts for it again. Owner or approved. A transfer does the same.
    function unsetAgentWallet(uint256 agentId) external;

    /// @notice An agent's wallet, its owner if none is set. Reverts for no agent.
    function getAgentWallet(uint256 agentId) external view returns (address wallet);

    /// @notice A value that was set; empty if none was.
    function getMetadata(
        uint256 agentId,
        string calldata metadataKey
    ) external view returns (bytes memory metadataValue);

    /// @notice When an account last ceased to act for an agent, seconds; 0 if it never did. It may act for it again.
    function ceasedAt(uint256 agentId, address operator) external view returns (uint256 time);

    /// @notice Agents registered so far; the last one's number.
    function agentCount() external view returns (uint256 count);

    /// @notice What a wallet signs to act for an agent.
    function hashAgentWallet(
        uint256 agentId,
        address newWallet,
        address owner,
        uint256 deadline
    ) external view returns (bytes32 digest);
}
