// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentKeys} from "./IAgentKeys.sol";

/// @title What staking asks about agents
interface IAgentOwners is IAgentKeys {
    /// @notice Owner of an agent; may revert if there is no such agent.
    function ownerOf(uint256 agentId) external view returns (address owner);
}
