// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IStaking} from "../../agents/IStaking.sol";

/// Stake as a test wants it, for contracts that only ask for it. The real one is tested by itself.
contract StakeBook is IStaking {
    IERC20 internal immutable TOKEN;
    mapping(bytes32 poolId => uint256) public activeWei;
    mapping(bytes32 poolId => uint256) public rewardedWei;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function set(bytes32 poolId, uint256 amountWei) external {
        activeWei[poolId] = amountWei;
    }

    function slashableWei(bytes32 poolId) external view returns (uint256) {
        return activeWei[poolId];
    }

    function reward(bytes32 poolId, uint256 amountWei) external {
        require(activeWei[poolId] != 0, "nobody stakes");
        rewardedWei[poolId] += amountWei;
        TOKEN.transferFrom(msg.sender, address(this), amountWei);
    }

    function slash(bytes32 poolId, uint256 amountWei, address) external returns (uint256) {
        activeWei[poolId] -= amountWei;
        return amountWei;
    }
}
