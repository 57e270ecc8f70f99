// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What other contracts ask about agents
interface IAgentKeys {
    /// @notice Account that acts for an agent: its wallet if it has one, else its owner; 0 if there is no such agent.
    function operatorOf(uint256 agentId) external view returns (address operator);
}
