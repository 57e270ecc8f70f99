// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAgentKeys} from "../../agents/IAgentKeys.sol";
import {IStaking} from "../../agents/IStaking.sol";

/// Agents and the stake behind them, as a test sets them.
contract StakedAgents is IAgentKeys, IStaking {
    mapping(uint256 agentId => address) public operatorOf;
    mapping(bytes32 poolId => uint256) public activeWei;

    function set(uint256 agentId, address operator, uint256 stakeWei) external {
        operatorOf[agentId] = operator;
        activeWei[bytes32(agentId)] = stakeWei;
    }

    function slashableWei(bytes32 poolId) external view returns (uint256) {
        return activeWei[poolId];
    }

    function reward(bytes32, uint256) external pure {
        revert("not used");
    }

    function slash(bytes32, uint256, address) external pure returns (uint256) {
        revert("not used");
    }
}
